"""The kinds of China: sentence by sentence, by generated numbers, and on hostile lines."""

import datetime
import time
from collections.abc import Iterator

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from taojin.core import schema, stage
from taojin.pipeline.pii import search
from taojin.pipeline.pii.characters import TWINS, normalise
from taojin.pipeline.pii.china.detectors import CHINA_CONTACTS, CHINA_DOCUMENTS
from taojin.pipeline.pii.detector import Detector
from taojin.pipeline.pii.detectors import DETECTORS, KINDS
from taojin.pipeline.pii.search import find
from taojin.pipeline.pii.settings import Settings
from taojin.pipeline.pii.stage import MaskPersonalData

CHINA = (*CHINA_DOCUMENTS, *CHINA_CONTACTS)

# Numbers are made up; check digits are right: 91350100M000100Y43 is the standard's own example.
HITS = {
    "resident_id": [
        "身份证号：[110105194912\n31002X]，完",
        "[110105<b>19491231</b>002X]",
        "[110105**19491231**002X]",
        "身份证号[130503670401001]",
        "身份证号码：[11010519491231002x]",
        "sfz[11010519491231002X]ok，idcard[11010519491231002X]",
        "[110 105 1949 1231 002X]",
        "身 份 证 ：[1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X]",
    ],
    "social_credit_code": [
        "统一社会信用代码：[91350100M000100Y43]",
        "[91350100m000100y43]",
        "[9135 0100 M000 100Y 43]",
        "税号[91 350100 M000100Y4 3]",
    ],
    "hong_kong_id": [
        "香港身份证[A123456(3)]",
        "身份證號碼：[A123456（3）]",
        "HKID: [A1234563]",
    ],
    "taiwan_id": [
        "身分證字號：[A123456789]",
        "居留證號[A800000014]",
    ],
    "macau_id": [
        "澳门居民身份证[1234567(8)]",
        "澳門身份證號碼：[5/123456/7]",
    ],
    "passport": [
        "护照号码：[E12345678]",
        "持护照[EA1234567]入境",
        "[G12345678]（护照）",
        "Passport No. [E12345678]",
        "护照号：[P1234567]",
        "外国护照：[AB1234567]",
    ],
    "travel_permit": [
        "港澳通行证号[C12345678]",
        "往来港澳通行证：[CA1234567]",
        "回乡证 [H1234567890]",
        "回鄉證號碼：[M12345678]",
        "台胞证号：[12345678]",
    ],
    "driving_licence": [
        "驾驶证档案编号：[370100123456]",
        "档案编号[110012345678]",
    ],
    "vehicle_plate": [
        "军车[军A12345]，车牌号：[VA·12345]",
        "军牌[空D12345]",
        "[京A12345]",
        "[粤BD12345]",
        "[粤B12345D]",
        "[粤Z1234港]",
        "[京A1234警]",
        "[使014·578]",
        "[沪A·12345]",
        "车牌[苏Ｅ·８Ｌ３３５]",
        "[WJ京12345]",
        "车牌号：[京AF0236]",
        "车牌号为[京A12345]的小型轿车，号牌为[新A12345]",
        "[沪A · 955E5]",
    ],
    "phone": [
        "[138<b>1234</b>5678]，[139**1234**5678]",
        "电话：[1381234\n5678]。",
        "1.[13812345678] 张三\n12.[13812345679]（李四）",
        "[𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖]，[𝟭𝟯𝟴-𝟭𝟮𝟯𝟰-𝟱𝟲𝟳𝟴]",
        "[1️⃣3️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8]️⃣",
        "手机[13812345678]元，电话[021-20240102]",
        "电话[138.1234.5678]",
        "[138-123-45678]",
        "[1381 234 5678]",
        "電話：[(02)2345-6789]",
        "手機：[0912-345-678]",
        "[+86-755-23456789]",
        "[8613812345678]",
        "[(86)138-1234-5678]",
        "V[13812345678] vx[13812345679] M[13812345670] 加V[13812345671]",
        "电话[一三八零零一三八零零零]，手机幺三八：[幺三八〇〇一三八〇〇〇]",
        "电话：[1 3 8 1 2 3 4 5 6 7 8] 手机：[138_1234_5678] 手机 [1381234 - 5678]",
        "我[13812345678]次日到，打[13912345678]行吗，[13712345678]元旦",
        "[138\u20071234\u20075678] [138\u202c1234\u20665678]",
        "[010 - 62345678]，行動電話：[0912 345 678]，[0912-345-678]",
        "[16512345678]和[17012345678]和[19912345678]",
    ],
    "wechat": [
        "加我v❤[abc123]，微❤[abc12345]",
        "微信搜索：[abc12345]",
        "v❤️：[zhang_san88]",
        "微信号：[zhang_san88]",
        "加V：[abc12345]",
        "VX [lilei_2020]",
        "WeChat ID: [tomhanks]",
        "|微信|[lilei_2020]|，微信：[lilei_2020]. 微信：[lilei_2020]-小王",
        "添加微信 [chene5bbf502] 咨询，微信同号：[abc12345]，微信（同手机）：[abc12345]",
        "[wxid_0a1b2c3d4e5f]",
    ],
    "qq": [
        "QQ群：[123456789]",
        "QQ：[1234567890]、[987654321]，QQ [123456789]/[223456789]",
        "QQ群1：[1234567890] QQ群2：[987654321] |QQ|[1646812013]|",
        "QQ[10234567]",
        "扣扣号码 [87654321]",
        "QQ交流群号：[484908840]",
    ],
    "account": [
        "账号：[6001234567890123]",
        "社保号：[1234567890]",
        "工号[A00123]",
        "学号：[20210001]",
        "公积金账号 [123456789012]",
    ],
    "address": [
        "原告李明，男，1980年1月1日出生，汉族，住[山东省济南市历下区泺源大街102号]。",
        "被告：某公司，住所地[北京市朝阳区建国门外大街1号国贸大厦A座2101室]。",
        "快递寄到[杭州市滨江区网商路699号阿里巴巴滨江园区1号楼]，谢谢",
        "我家在[成都市武侯区天府大道中段688号大源国际中心1栋1单元1804]，你来吧",
        "办公地址：[上海市徐汇区漕河泾开发区宜山路900号C座8楼]",
        "Address: [北京市西城区金融大街甲17号]",
        "开户地址 [陕西省咸阳市秦都区人民西路37号]；",
        "地址：[辽宁省大连市甘井子区凌工路2号大连理工大学]",
        "通讯地址：[安徽省合肥市蜀山区黄山路443号]（邮编230026）",
        "现居住于[武汉市洪山区珞喻路1037号喻园小区西二区12栋2单元301室]。",
        "[内蒙古自治区呼和浩特市赛罕区大学东街235号]",
        "住[西藏自治区拉萨市城关区江苏路21号]",
        "收件地址：[吉林省长春市朝阳区前进大街2699号]，收件人：张三",
        "住[江苏省无锡市滨湖区蠡湖大道1800号]，身份证号",
        "住[福建省泉州市安溪县凤城镇大同路15-2号]",
        "住[上海市静安区南京西路1788号4楼405-406室]",
        "地址：[新北市板橋區文化路一段188巷5號3樓之2]",
        "门牌[广东省佛山市顺德区大良街道新桂社区居民委员会清晖路148号]",
        "住[云南省昆明市五华区学府路253号附1号]",
        "住[湖北省黄冈市麻城市宋埠镇彭店村二组]",
        "寄：[北京市丰台区方庄芳古园一区29号楼4门1102]",
        "我在[北京市海淀区知春路甲48号盈都大厦C座3单元17层]上班",
        "位于[天津市滨海新区第三大街51号]附近",
        "地址：[北京市海淀区中关村大街27号]。",
        "住[河北省石家庄市长安区中山东路11号3栋2单元501室]，",
        "寄到[上海市长宁区延安西路1234弄5号602室]即可",
        "家住[湖南省长沙市岳麓区麓山南路932号岳麓小区12栋3单元1201]。",
        "我公司位于[深圳市南山区粤海街道科技园高新南一道8号创维大厦A座12楼]",
        "[广东省 深圳市 南山区 科技园路1号]",
        "地址:[浙江省杭州市余杭区文一西路969号]",
        "住所地[重庆市渝北区龙溪街道红锦大道86号3幢12-5]。",
        "现住址：[中山北路205号南府小区6单元1780]",
        "户籍地：[河南省周口市郸城县白马镇李楼行政村李楼村12号]。",
        "户籍地[四川省凉山彝族自治州西昌市西郊乡长板桥村3组21号]，",
        "住[广西壮族自治区南宁市青秀区民族大道100号西江大厦1001室]",
        "[新疆维吾尔自治区乌鲁木齐市天山区解放南路12号院3号楼]",
        "地址：[西安市雁塔区小寨东路670号]，邮编710061",
        "地址：[台北市信義區信義路五段7號89樓]",
        "地址：[香港九龙尖沙咀弥敦道100号10楼B室]",
        "家庭住址：[江苏省苏州市姑苏区平江路街道桃花坞大街158号]",
        "收货地址：[北京市朝阳区望京街10号望京SOHO T1座1001室]",
        "位于[海淀区中关村大街27号]的写字楼",
        "住[江西省赣州市于都县贡江镇水南村大坪组15号]。",
        "地址：[天津市和平区南京路75号国际大厦15层1508室]",
        "[广东省东莞市长安镇霄边社区东门中路166号]",
        "住址：[山东省青岛市市南区香港中路９００号１４栋１９６室]",
        "地址是[湖北省武汉市洪山区珞喻路1037号华中科技大学紫菘公寓5栋301]",
        "身份证住址：[安徽省阜阳市颍上县江口镇后郑村郑庄12号]",
        "送达地址：[上海市浦东新区张江镇祖冲之路2277弄1号楼503室]",
        "张三，[北京市朝阳区建国路88号院5号楼2单元1203室]，13812345678",
        "住[黑龙江省哈尔滨市南岗区西大直街92号]",
        "甲方住所：[广州市天河区天河路208号粤海天河城大厦20楼]",
        "籍贯[河北省定州市东亭镇东亭村]，",
        "现住[河南省信阳市固始县陈集乡张庙村张庙组]。",
        "本院地址：[北京市东城区东交民巷27号]",
    ],
    "person": [
        "经办人（签字）：[王建国]",
        "联系人及电话：[李晓燕] 13800138000",
        "申请人：[阿依古丽·吐尔逊]，女",
        "老师：[王芳]",
        "学生姓名：[陈一鸣]\t班级：三班",
        "借款人[周杰]向出借人[林芳]借款",
        "被告人[吴建军]伙同他人",
        "证人[郑爽]证实",
        "请转交给[徐静蕾]女士。",
        "寄件人[高圆圆]，电话",
        "委托人：[欧阳修]（签名）",
        "姓　名：[刘洋]",
        "姓 名 [刘洋]",
        "收货人:[陈冠希],13912345678,",
        "李雷的妻子[韩梅梅]",
        "业主[曾志伟]投诉",
        "客户[张伟明]要求退款",
        "户主：[买买提·艾力]",
        "患者[林黛玉]，女，18岁",
        "法定代表人：[薛宝钗]。",
        "Name: [张三]",
        "求职者[于谦]，男",
        "[王小明]，13800138000",
        "患者：[诸葛亮]，住院号",
        "乘客[司徒雷登]的行李",
        "客户[孔诗柏]，身份证号",
        "姓名：[欧阳娜娜]，女",
        "联系人: [王小明] 13812345678",
        "原告[李明]诉被告[王强]民间借贷纠纷一案",
        "[张伟]先生您好",
        "感谢[张伟]先生的支持",
        "姓名：[古丽娜·买买提]，族别：维吾尔族",
        "申請人：[陳志明]",
        "患者[尉迟恭]因病入院",
        "委托代理人：[刘志强]，北京大成律师事务所律师。",
        "法定代表人：[周鸿]，该公司董事长。",
        "致：[赵丽颖]女士",
        "我叫[李雷]，今年",
        '"name": "[韩梅梅]", "age": 3',
        "被告人[张三丰]犯盗窃罪",
        "收件人：[司马光]\t电话",
        "姓名[刘德]\t",
    ],
}

LOOKALIKES = [
    'size=13812345678，大小：13812345678，"length": 13812345678',
    "1.13812345678",
    "日期021-20240102",
    "13812\n345678，1102 1102\n1102 2201",
    "2**13812345678901 和 <b>138</b>12345678901",
    "固件 58.30.101.200，firmware 58.30.101.200",
    "微信搜索：python，海军A12345，航空A12345",
    "型号A123456(3)，Part No. A123456(3)",
    "客服电话：400-820-8820",
    "电话：400 8208820，电话：4008208820",
    "热线电话：4006-123-456",
    "电话95533，服务电话96315，火警电话：119",
    "电话：(400)820-8820",
    "电话：800-810-0000",
    "+86 4008208820",
    "QQ：10000",
    "粤B2-20090191，京ICP备12345678号，粤网文[2020]1234-123号",
    "百度云B12345",
    "订单号：13812345678901",
    "流水号1378848288844693428849736818",
    "ISBN 978-7-575-31133-5，定价90,485,405.81元",
    "快递单号SF2019080117974054",
    "该字段取值示例：20283783266，并非电话号码",
    "会议于20101126043009召开",
    "统计用区划代码110105001000",
    "机器型号K123456(7)",
    "A股代码600519，B股900901",
    "中华人民共和国",
    "2号楼3单元",
    "第3街区12号",
    "版本号：E5-2680 v4",
    "工号是什么，学号怎么查",
    "账号被封了12345次",
    "微信支付v3接口",
    "wx.request({url})",
    "vx-table组件",
    "联系人：北京",
    "姓名：（请填写）",
    "name: test",
    "客户端先生成",
    "王先生、李女士来访",
    "上海市第一中级人民法院（2021）沪01民终123号",
    "长安街1号线",
    "京沪高铁3号线",
    "地铁2号线",
    "一路1号文件",
    "南京路步行街",
    "地址：0x7fff5fbff8c0",
    "邮箱地址：test",
    "中央路12号令",
    "北京市海淀区",
    "最高人民法院第十二条",
    "国务院令第252号公布",
    "北京市人民政府令第12号",
    "见第3街区2号楼施工图",
    "《民法典》第一百二十条",
    "京沪高速公路12号标段",
    "中关村大街",
    "上海市第1中级人民法院",
    "沪浦府规〔2021〕3号",
    "京政发〔2019〕12号文件",
    "客户名称：华为技术有限公司",
    "联系人：王先生",
    "甲方：北京科技有限公司",
    "被告：中国平安保险",
    "客户安全，用户管理",
    "姓名：不详",
    "负责人安排工作",
    "先生女士们",
    "95588,400-123-4567,4001234567,800 820 8820,110,12315,10086",
    "2021-07-14 1839008 2021-07-14",
    "微信公众号：javaguide2020",
    "微信：JavaScript",
    "微信2021版本",
    "WeChat Pay v3api",
    "QQ2013版",
    "QQ群2 2013年，QQ1 12345个，QQ群 3 条",
    "一三八零零一三八零零零零，二零二三年一三五七九",
    "第1 3 8 1 2 3 4 5 6 7 8 页",
    "a110105194912310021b",
    "QQ用户10000万",
    "更新A12345",
    "华为云A12345",
    "阿里云A10000",
    "川菜A12345",
    "型号E12345678",
    "SKU G12345678",
    "型号A1234563",
    "A123456(4)",
    "产品A123456789",
    "身分證字號A123456788",
    "订单130503670401001",
    "账号：admin",
]


def found(text: str, *kinds: str) -> list[tuple[str, str]]:
    values = find(pl.Series([text]), DETECTORS)
    return [
        (value.kind, text[value.start : value.end])
        for value in values
        if not kinds or value.kind in kinds
    ]


@pytest.mark.parametrize(
    ("kind", "sentence"), [(kind, text) for kind, texts in HITS.items() for text in texts]
)
def test_finds_exactly_the_bracketed_values(kind: str, sentence: str) -> None:
    values = [piece.split("]")[0] for piece in sentence.split("[")[1:]]
    text = sentence.replace("[", "").replace("]", "")
    assert found(text, kind) == [(kind, value) for value in values]


@pytest.mark.parametrize("text", LOOKALIKES)
def test_keeps_lookalikes(text: str) -> None:
    assert found(text) == []


def test_every_kind_of_china_has_examples() -> None:
    assert set(HITS) == {detector.kind for detector in CHINA}
    assert {detector.kind for detector in CHINA} <= set(KINDS)


COUNTIES = ("110105", "130503", "310115", "440305", "513436", "652925", "820000")
BEFORE = st.sampled_from(["", "号码", "见", "，", "id: ", "(", "是：", "x ", "第二行\n", "（", "“"])
AFTER = st.sampled_from(["", "号", "，", " x", ")", "。完", "的", "\n下一行", "）", "”"])
CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@st.composite
def resident_numbers(draw: st.DrawFn) -> str:
    born = draw(st.dates(datetime.date(1900, 1, 1), datetime.date(2049, 12, 31)))
    rest = draw(st.integers(0, 999))
    number = f"{draw(st.sampled_from(COUNTIES))}{born:%Y%m%d}{rest:03}"
    return number + ric.calc_check_digit(number + "0")


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    organisation = draw(st.text(CREDIT_CHARACTERS, min_size=9, max_size=9))
    assume(not organisation.isdigit())
    code = draw(st.sampled_from(["91", "92", "12", "52"])) + draw(st.sampled_from(COUNTIES[:6]))
    return code + organisation + uscc.calc_check_digit(code + organisation)


def others(number: str, characters: str) -> Iterator[str]:
    return (number[:-1] + one for one in characters if one != number[-1])


@settings(max_examples=60, deadline=None)
@given(resident_numbers(), BEFORE, AFTER)
def test_resident_numbers_with_their_check_digit_alone(
    number: str, before: str, after: str
) -> None:
    assert found(f"{before}{number}{after}", "resident_id") == [("resident_id", number)]
    for wrong in others(number, "0123456789X"):
        assert found(f"{before}{wrong}{after}", "resident_id") == []


@settings(max_examples=60, deadline=None)
@given(credit_codes(), BEFORE, AFTER, st.booleans())
def test_credit_codes_with_their_check_character_alone(
    code: str, before: str, after: str, lower: bool
) -> None:
    kind = "social_credit_code"
    written = code.lower() if lower else code
    assert found(f"{before}{written}{after}", kind) == [(kind, written)]
    for wrong in others(code, CREDIT_CHARACTERS):
        if wrong[8:].isdigit():
            continue
        assert found(f"{before}{wrong}{after}", kind) == []


def organisation_check(digits: str) -> str:
    """GB 11714: 11 less the weighted sum modulo 11; X for 10, 0 for 11."""
    weighted = sum(
        int(one) * weight for one, weight in zip(digits, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)
    )
    rest = 11 - weighted % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


@settings(max_examples=100, deadline=None)
@given(st.text("0123456789", min_size=9, max_size=9), st.sampled_from(COUNTIES[:4]))
def test_a_credit_code_of_digits_needs_a_second_check_or_a_label(
    organisation: str, county: str
) -> None:
    kind, code = "social_credit_code", f"91{county}{organisation}"
    code += uscc.calc_check_digit(code)
    assume(code.isdigit())
    checked = organisation_check(organisation[:8]) == organisation[8]
    assert found(f"单号{code}", kind) == ([(kind, code)] if checked else [])
    assert found(f"统一社会信用代码：{code}", kind) == [(kind, code)]


def test_a_credit_code_of_digits_may_be_one() -> None:
    organisation = "71092835"
    code = f"91110105{organisation}{organisation_check(organisation)}"
    code += uscc.calc_check_digit(code)
    assert found(f"单号{code}") == [("social_credit_code", code)]


@settings(max_examples=60, deadline=None)
@given(st.from_regex("[A-Z][0-9]{6}", fullmatch=True), BEFORE, AFTER)
def test_one_check_digit_of_eleven_makes_a_hong_kong_card(
    prefix: str, before: str, after: str
) -> None:
    numbers = [f"{prefix}({one})" for one in "0123456789A"]
    hits = [one for one in numbers if found(f"{before}{one}{after}", "hong_kong_id")]
    values = [36, ord(prefix[0]) - 55, *map(int, prefix[1:])]  # the rule as it is published
    rest = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True)) % 11
    assert hits == [f"{prefix}({'0A987654321'[rest]})"]


TAIWAN = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))


@settings(max_examples=60, deadline=None)
@given(st.from_regex("[A-Z][1289][0-9]{7}", fullmatch=True), AFTER)
def test_one_check_digit_of_ten_makes_a_card_of_taiwan(prefix: str, after: str) -> None:
    hits = [one for one in range(10) if found(f"身分證字號：{prefix}{one}{after}", "taiwan_id")]
    letter = TAIWAN[prefix[0]]
    weighted = sum(
        int(one) * weight for one, weight in zip(prefix[1:], range(8, 0, -1), strict=True)
    )
    assert hits == [-(letter // 10 + letter % 10 * 9 + weighted) % 10]
    assert found(f"料號 {prefix}{hits[0]}", "taiwan_id") == []


@pytest.mark.parametrize("county", ["110000", "111111", "430399"])
def test_a_resident_number_of_no_county_needs_a_label(county: str) -> None:
    number = f"{county}19900307123"
    number += ric.calc_check_digit(number + "0")
    bare = [("resident_id", number)] if county == "110000" else []
    assert found(f"编号{number}", "resident_id") == bare
    assert found(f"身份证号{number}", "resident_id") == [("resident_id", number)]


FULL_WIDTH = str.maketrans({twin: wide for wide, twin in TWINS.items() if "！" <= wide <= "～"})
PIECES = [
    text.replace("[", "").replace("]", "")
    for texts in (*HITS.values(), LOOKALIKES)
    for text in texts
]
PIECES += [piece.translate(FULL_WIDTH) for piece in PIECES[::3]]
PIECES += [
    "姓名：", "张", "客户", "先生", "北京市", "路1号", "住", "地址：", "护照", "QQ", "微信号", "wxid_", "京A",
    "账号", "1", "12-3", "E12345678", "·", "，", " ", "\t", "室", "的", "<PERSON>", "<ADDRESS>", "\u200b",
]  # fmt: skip
LINES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)


@pytest.mark.parametrize("detector", CHINA, ids=lambda one: f"{one.kind}-{one.confidence}")
@settings(max_examples=150, deadline=None)
@given(line=LINES)
def test_a_prefilter_lets_through_what_its_pattern_finds(detector: Detector, line: str) -> None:
    if list(detector.find(normalise(pl.Series([line]))[0])):
        assert pl.Series([line]).str.contains(detector.prefilter).item()


@pytest.mark.parametrize(
    "detector",
    [one for one in CHINA if not one.spans_lines],
    ids=lambda one: f"{one.kind}-{one.confidence}",
)
@settings(max_examples=150, deadline=None)
@given(lines=st.lists(LINES, min_size=2, max_size=4))
def test_a_line_gives_the_same_beside_others(detector: Detector, lines: list[str]) -> None:
    lines = normalise(pl.Series(lines)).to_list()
    starts = [sum(len(line) + 1 for line in lines[:at]) for at in range(len(lines))]
    alone = [
        (first + start, first + end)
        for first, line in zip(starts, lines, strict=True)
        for start, end in detector.find(line)
    ]
    assert list(detector.find("\n".join(lines))) == alone


def test_a_label_in_the_line_before_is_no_label() -> None:
    detector = next(one for one in CHINA if one.kind == "address")
    assert list(detector.find("地址:新华北街12号")) == [(3, 10)]
    assert list(detector.find("地址:\n新华北街12号\n")) == []


def test_each_example_passes_the_prefilter_of_what_finds_it() -> None:
    for texts in HITS.values():
        for text in texts:
            for written in (text, text.translate(FULL_WIDTH)):
                line = written.replace("[", "").replace("]", "").replace("［", "").replace("］", "")
                for detector in CHINA:
                    if list(detector.find(normalise(pl.Series([line]))[0])):
                        assert pl.Series([line]).str.contains(detector.prefilter).item(), (
                            detector.kind, line,
                        )  # fmt: skip


def documents(text: str) -> pl.DataFrame:
    source = dict.fromkeys(("uri", "url", "title", "author", "fetched_at", "mime", "licence"))
    row = {
        "doc_id": "0",
        "content_hash": "",
        "text": text,
        "source": {**source, "name": "s", "kind": "web", "position": 0},
        "lang": "zh-Hans",
        "lang_score": 1.0,
    }
    return pl.DataFrame([row], schema=dict(schema.DOCUMENT))


@settings(max_examples=200, deadline=None)
@given(LINES)
def test_masking_twice_is_masking_once(text: str) -> None:
    everything = MaskPersonalData(Settings(kinds=KINDS))
    once = stage.apply_edits(stage.run(everything, documents(text)), "pii", 1)[0]
    again = stage.run(everything, once.select(*schema.DOCUMENT))
    assert again["edits"].to_list() == [[]]


HOSTILE = [
    "姓名：张", "客户张伟", "李明先生", "张三,13812345678", "欧阳·", "北京市路1号", "路1号", "村1组", "住北京", "1号院2号楼",
    "护照E1234567", "QQ号码", "微信号：a", "wxid_", "京A1", "使014", "A123456(", "9135 ", "账号6001 1234", "138 ",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_no_line_is_a_chain_that_masking_frees_link_by_link(
    unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes: list[int] = []
    once = search._search
    monkeypatch.setattr(search, "_search", lambda *given: passes.append(0) or once(*given))
    stage.run(MaskPersonalData(Settings(kinds=KINDS)), documents(unit * (6_000 // len(unit))))
    assert len(passes) <= 4  # however long the line is


def seconds(detector: Detector, line: str) -> float:
    started = time.process_time()
    list(detector.find(line))
    return time.process_time() - started


@pytest.mark.parametrize("detector", CHINA, ids=lambda one: f"{one.kind}-{one.confidence}")
def test_a_hostile_line_costs_time_in_proportion_to_its_length(detector: Detector) -> None:
    """Four times the length costs four times the time; a square would cost sixteen times."""
    for unit in HOSTILE:
        short, long = (unit * (size // len(unit)) for size in (50_000, 200_000))
        taken = seconds(detector, long)
        if taken > 0.2:
            assert taken < 9 * seconds(detector, short), unit
