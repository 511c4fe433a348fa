() => {
  const found = [];
  const tell = (what, element) => found.push(`${what}: ${element.outerHTML.slice(0, 90)}`);
  const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".visually-hidden");

  // ── what carries a page ──
  if (!document.documentElement.lang) found.push("no language");
  if (!document.title.trim()) found.push("no title");
  if (document.querySelectorAll("main").length !== 1) found.push("not one main");
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) found.push(`wider than the screen: ${document.documentElement.scrollWidth}`);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push(`id twice: ${id}`);
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) tell("a level of headings is left out", heading);
    level = own;
  }
  for (const name of ["aria-describedby", "aria-labelledby"])
    for (const element of document.querySelectorAll(`[${name}]`))
      if (!document.getElementById(element.getAttribute(name))) tell(`${name} names nothing`, element);

  // ── names ──
  for (const field of document.querySelectorAll("input:not([type=hidden]), textarea, select"))
    if (![...(field.labels || [])].some((label) => label.textContent.trim())) tell("no label", field);
  for (const element of document.querySelectorAll("a, button, summary, legend"))
    if (!element.textContent.trim()) tell("no name", element);
  for (const picture of document.querySelectorAll("svg"))
    if (picture.getAttribute("aria-hidden") !== "true" && !picture.getAttribute("aria-label") && !picture.querySelector("title"))
      tell("a picture without words", picture);

  // ── size of what is tapped ──
  for (const element of document.querySelectorAll("button, .choices label, .links a, .dial a, summary, input[type=number]")) {
    const box = element.getBoundingClientRect();
    if (seen(element) && (box.height < 24 || box.width < 24)) tell(`too small to tap, ${box.width}x${box.height}`, element);
  }

  // ── contrast ──
  const colour = (text) => {
    const numbers = text.match(/[\d.]+/g).map(Number);
    return { rgb: numbers.slice(0, 3), alpha: numbers.length > 3 ? numbers[3] : 1 };
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, two) => {
    const [low, high] = [light(one), light(two)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  // The colours behind an element: one, or each stop of a gradient.
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const stops = style.backgroundImage.match(/rgba?\([^)]+\)/g);
      if (stops) return stops.map((stop) => colour(stop).rgb);
      const own = colour(style.backgroundColor);
      if (own.alpha === 1) return [own.rgb];
    }
    return [[255, 255, 255]];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const done = new Set();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.nodeValue.trim() || done.has(element) || !seen(element)) continue;
    if (["STYLE", "SCRIPT", "TITLE"].includes(element.tagName)) continue;
    done.add(element);
    const style = getComputedStyle(element);
    const ink = element instanceof SVGElement ? style.fill : style.color;
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    for (const ground of behind(element)) {
      const ratio = contrast(colour(ink).rgb, ground);
      if (ratio < (large ? 3 : 4.5)) tell(`contrast ${ratio.toFixed(2)}`, element);
    }
  }
  return found;
}
