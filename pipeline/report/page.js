(() => {
  const root = document.documentElement;
  const button = document.getElementById("language");
  const show = (language) => {
    root.lang = language === "zh" ? "zh-Hans" : "en";
    root.className = language;
    button.textContent = language === "zh" ? "English" : "中文";
    button.lang = language === "zh" ? "en" : "zh-Hans";
  };
  const asked = new URLSearchParams(location.search).get("lang") || navigator.language || "en";
  show(asked.toLowerCase().startsWith("zh") ? "zh" : "en");
  button.hidden = false;
  button.addEventListener("click", () => show(root.className === "zh" ? "en" : "zh"));

  const links = new Map([...document.querySelectorAll("nav a")].map((a) => [a.hash.slice(1), a]));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      links.forEach((link, id) =>
        id === entry.target.id ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current"));
    }
  }, { rootMargin: "-20% 0px -75% 0px" });
  document.querySelectorAll("main > section").forEach((section) => seen.observe(section));
})();
