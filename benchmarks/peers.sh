#!/bin/sh
# Virtual environments of the tools that Taojin is measured against, one each, pinned.
#
#   sh benchmarks/peers.sh [FOLDER]      default: .peers in the working directory
#
# Nothing is downloaded when the benchmarks run: datatrove's English needs spaCy's blank pipeline and
# its Chinese jieba, whose dictionary is in the package. The NLTK splitter that its C4 filter would
# fetch is not used. dolma 1.2 needs numpy<2 and builds from source on new Pythons, so it is made only
# when asked for: DOLMA=1. A benchmark without its peer reports null.
set -eu

folder=${1:-.peers}
python=${PYTHON:-python3}

peer() {
    name=$1
    shift
    [ -x "$folder/$name/bin/python" ] || "$python" -m venv "$folder/$name"
    "$folder/$name/bin/pip" install --quiet --disable-pip-version-check "$@"
}

peer datatrove 'datatrove[processing]==0.10.1' 'spacy==3.8.18' 'jieba==0.42.1' 'orjson==3.13.0' \
    'zstandard==0.25.0'
peer presidio 'presidio-analyzer==2.2.366'
peer datasketch 'datasketch==2.0.0'
peer rensa 'rensa==0.5.0'
peer kitoken 'kitoken==0.11.1'
peer text_dedup --no-deps 'text-dedup==0.4.0' # it asks for Spark and TensorFlow, which MinHash needs none of
peer text_dedup 'datasets<4' 'click<9' 'click-option-group==0.5.10' 'fire<0.7' 'ftfy==6.3.1' \
    'numpy<2.3' regex 'rich<14' scipy tqdm xxhash psutil zstandard 'setuptools<80' bitarray pybloom-live
[ -z "${DOLMA:-}" ] || peer dolma 'dolma==1.2.1' 'numpy<2'
