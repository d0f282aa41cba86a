"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);
const made = (name) => document.createElement(name);
const LEVELS = 254, MISSING = 255, FIGURE = 46, MOST_FIGURES = 90, FPS = 12, REACH = 24;
const SHAPES = [
  (c, r) => c.arc(0, 0, r, 0, 7),
  (c, r) => c.rect(-r * 0.9, -r * 0.9, 1.8 * r, 1.8 * r),
  (c, r) => polygon(c, [[0, -1.25 * r], [1.15 * r, 0.8 * r], [-1.15 * r, 0.8 * r]]),
  (c, r) => polygon(c, [[0, -1.4 * r], [1.1 * r, 0], [0, 1.4 * r], [-1.1 * r, 0]]),
  (c, r) => polygon(c, [[0, 1.25 * r], [1.15 * r, -0.8 * r], [-1.15 * r, -0.8 * r]]),
];
const clips = data.clips.map((clip, index) => {
  const frames = unpacked(clip.poses);
  return { ...clip, index, frames, extent: Math.max(1, ...frames.map((f) => box(f).side)) };
});
const names = data.actions.map((name) => name.replaceAll("_", " "));
const hidden = new Set();
const view = { scale: 1, x: 0.5, y: 0.5 };  // Zoom, and the map's point in the middle.
let chosen = clips[0], kept = false, figures = true, clock = 0, last = 0;
let playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;
let colors = [], faint = "", ink = "", ground = "";

function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const size = 2 * data.num_joints, frames = [];
  for (let i = 0; i < bytes.length; i += size) frames.push(bytes.subarray(i, i + size));
  return frames;
}

// The middle and the longer side of a pose's visible joints, in levels.
function box(frame) {
  const low = [MISSING, MISSING], high = [0, 0];
  frame.forEach((value, k) => {
    if (value === MISSING) return;
    low[k % 2] = Math.min(low[k % 2], value);
    high[k % 2] = Math.max(high[k % 2], value);
  });
  if (low[0] > high[0]) return { middle: [LEVELS / 2, LEVELS / 2], side: 0 };
  const middle = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2];
  return { middle, side: Math.max(high[0] - low[0], high[1] - low[1]) };
}

function polygon(c, points) {
  points.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
  c.closePath();
}

function readColors() {
  const probe = made("i");
  document.body.append(probe);
  const resolved = (css) => {
    probe.style.color = css;
    return getComputedStyle(probe).color;
  };
  colors = data.colors.map((c) => resolved(`color-mix(in srgb, rgb(${c}), white var(--lift))`));
  [faint, ink, ground] = ["faint", "ink", "ground"].map((n) => resolved(`var(--${n})`));
  probe.remove();
}

const hideAll = () => data.actions.forEach((_, action) => hidden.add(action));
const colorOf = (action) => colors[action % colors.length];
const shapeOf = (action) => SHAPES[Math.floor(action / colors.length) % SHAPES.length];

function sized(canvas) {
  const ratio = devicePixelRatio || 1;
  const [w, h] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
    [canvas.width, canvas.height] = [Math.round(w * ratio), Math.round(h * ratio)];
  }
  const c = canvas.getContext("2d");
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, w, h);
  return [c, w, h];
}

// A clip's pose now, in a square of `size` around (x, y); it stays in the middle
// of it, and fills it, if it is not to move about.
function drawFigure(c, clip, x, y, size, color, moves = true) {
  const n = clip.frames.length, at = (clock * FPS) % n;
  const i = Math.floor(at), share = at - i;
  const a = clip.frames[i], b = clip.frames[Math.min(i + 1, n - 1)];
  const [from, to] = moves ? [] : [box(a).middle, box(b).middle];
  const scale = size / (moves ? LEVELS : clip.extent);
  const place = (joint, axis) => {
    const k = 2 * joint + axis;
    if (a[k] === MISSING) return null;
    const start = a[k] - (moves ? LEVELS / 2 : from[axis]);
    const end = b[k] === MISSING ? start : b[k] - (moves ? LEVELS / 2 : to[axis]);
    return (start + share * (end - start)) * scale;
  };
  c.save();
  c.translate(x, y);
  c.strokeStyle = c.fillStyle = color;
  c.lineCap = "round";
  c.lineWidth = Math.max(1.2, size / 55);
  for (const [one, two, side] of data.bones) {
    const ends = [place(one, 0), place(one, 1), place(two, 0), place(two, 1)];
    if (ends.includes(null)) continue;
    c.globalAlpha = side === "right" ? 0.6 : 1;
    c.beginPath();
    c.moveTo(ends[0], ends[1]);
    c.lineTo(ends[2], ends[3]);
    c.stroke();
  }
  c.globalAlpha = 1;
  for (let j = 0; j < data.num_joints; j++) {
    const [px, py] = [place(j, 0), place(j, 1)];
    if (px === null) continue;
    c.beginPath();
    c.arc(px, py, j === data.head ? size / 26 : c.lineWidth * 0.6, 0, 7);
    c.fill();
  }
  c.restore();
}

// Width and height of the whole map on the screen, pixels.
function sides(w, h) {
  return [Math.min(w, 1.5 * h), Math.min(h, 1.5 * w)].map((side) => (side - 60) * view.scale);
}

function toScreen(clip, w, h) {
  const [sx, sy] = sides(w, h);
  return [w / 2 + (clip.x - view.x) * sx, h / 2 + (clip.y - view.y) * sy];
}

const isShown = (clip) => !hidden.has(clip.action);

// Clips far enough from each other to be drawn as figures, in a fixed order.
function withFigures(places, w, h) {
  const taken = [];
  const step = 0.6180339887 * clips.length;
  for (let k = 0; k < clips.length && taken.length < MOST_FIGURES; k++) {
    const clip = clips[Math.floor(k * step) % clips.length];
    const [x, y] = places[clip.index];
    const inside = x > 20 && y > 20 && x < w - 20 && y < h - 20;
    const free = taken.every((t) => Math.hypot(t.x - x, t.y - y) > FIGURE);
    if (inside && isShown(clip) && free) taken.push({ clip, x, y });
  }
  return taken;
}

function drawMarker(c, action, x, y, radius) {
  c.save();
  c.translate(x, y);
  c.fillStyle = colorOf(action);
  c.beginPath();
  shapeOf(action)(c, radius);
  c.fill();
  c.restore();
}

function drawMap() {
  const [c, w, h] = sized(by("map"));
  const places = clips.map((clip) => toScreen(clip, w, h));
  const drawn = figures ? withFigures(places, w, h) : [];
  const asFigure = new Set(drawn.map((d) => d.clip));
  const dot = Math.min(6, 2.6 + Math.log2(view.scale) + 40 / Math.sqrt(clips.length) / 4);
  for (const clip of clips) {
    if (!isShown(clip) || asFigure.has(clip)) continue;
    const [x, y] = places[clip.index];
    c.globalAlpha = 0.75;
    drawMarker(c, clip.action, x, y, dot);
  }
  for (const { clip, x, y } of drawn) {
    c.fillStyle = ground;
    c.globalAlpha = 0.6;
    c.beginPath();
    c.arc(x, y, FIGURE * 0.4, 0, 7);
    c.fill();
    c.globalAlpha = 1;
    drawFigure(c, clip, x, y, FIGURE * 0.72, colorOf(clip.action), false);
  }
  const [x, y] = places[chosen.index];
  c.strokeStyle = ink;
  for (const [index] of chosen.neighbors) {
    const [nx, ny] = places[index];
    c.lineWidth = 1;
    c.globalAlpha = 0.6;
    c.beginPath();
    c.moveTo(x, y);
    c.lineTo(nx, ny);
    c.stroke();
    c.globalAlpha = 1;
    c.beginPath();
    c.arc(nx, ny, dot + 2.5, 0, 7);
    c.stroke();
  }
  c.lineWidth = kept ? 3 : 2;
  c.beginPath();
  c.arc(x, y, asFigure.has(chosen) ? FIGURE * 0.45 : dot + 4, 0, 7);
  c.stroke();
}

function drawAside() {
  const [c, w, h] = sized(by("shown"));
  drawFigure(c, chosen, w / 2, h / 2, Math.min(w, h) * 0.96, colorOf(chosen.action));
  for (const canvas of document.querySelectorAll(".near canvas")) {
    const clip = clips[canvas.dataset.index];
    const [n, nw, nh] = sized(canvas);
    drawFigure(n, clip, nw / 2, nh / 2, nw * 0.92, colorOf(clip.action));
  }
}

function choose(clip, keep = kept) {
  kept = keep;
  if (clip !== chosen) {
    chosen = clip;
    tell();
  }
  try {
    history.replaceState(null, "", kept ? "#" + encodeURIComponent(clip.name) : "#");
  } catch { /* Some browsers refuse it for files. */ }
}

function tell() {
  by("name").textContent = chosen.name;
  by("action").textContent = names[chosen.action];
  by("shown").setAttribute("aria-label", `${chosen.name}, moving`);
  by("near").textContent = `Nearest of all ${clips.length.toLocaleString("en")} clips, by cosine`;
  by("neighbors").replaceChildren(...chosen.neighbors.map(([index, cosine]) => {
    const clip = clips[index];
    const [item, button, canvas, action, text] = ["li", "button", "canvas", "b", "small"].map(made);
    canvas.dataset.index = index;
    action.textContent = names[clip.action];
    action.style.color = colorOf(clip.action);
    text.textContent = `${clip.name} · ${cosine.toFixed(2)}`;
    button.className = "near";
    button.append(canvas, action, text);
    button.addEventListener("click", () => { choose(clip, true); center(clip); });
    item.append(button);
    return item;
  }));
}

function center(clip) {
  if (view.scale > 1) [view.x, view.y] = [clip.x, clip.y];
}

function drawSwatches() {
  for (const canvas of document.querySelectorAll("[data-swatch]")) {
    const [c] = sized(canvas);
    drawMarker(c, +canvas.dataset.swatch, 6, 6, 4);
  }
}

function makeLegend() {
  names.forEach((name, action) => {
    const [button, swatch, count] = ["button", "canvas", "small"].map(made);
    swatch.dataset.swatch = action;
    count.textContent = clips.filter((clip) => clip.action === action).length;
    button.append(swatch, name, count);
    button.addEventListener("click", () => {
      hidden.has(action) ? hidden.delete(action) : hidden.add(action);
      showFilter();
    });
    button.addEventListener("dblclick", () => {
      hideAll();
      hidden.delete(action);
      showFilter();
    });
    by("legend").append(button);
  });
  by("all").addEventListener("click", () => { hidden.clear(); showFilter(); });
  by("none").addEventListener("click", () => { hideAll(); showFilter(); });
  showFilter();
}

function showFilter() {
  [...by("legend").children].forEach((button, action) => {
    button.setAttribute("aria-pressed", String(!hidden.has(action)));
  });
}

function nearest(x, y, reach) {
  const map = by("map"), [w, h] = [map.clientWidth, map.clientHeight];
  let best = null, least = reach;
  for (const clip of clips.filter(isShown)) {
    const [px, py] = toScreen(clip, w, h), away = Math.hypot(px - x, py - y);
    if (away < least) [best, least] = [clip, away];
  }
  return best;
}

// The nearest clip in the direction of an arrow key, at most 45 degrees off it.
function towards(dx, dy) {
  let best = null, least = Infinity;
  for (const clip of clips.filter(isShown)) {
    const [x, y] = [clip.x - chosen.x, clip.y - chosen.y];
    const along = x * dx + y * dy, across = Math.abs(x * dy - y * dx);
    if (clip !== chosen && along > 0 && across <= along && along + 2 * across < least)
      [best, least] = [clip, along + 2 * across];
  }
  return best;
}

function zoom(factor, x, y) {
  const map = by("map"), [w, h] = [map.clientWidth, map.clientHeight];
  const before = sides(w, h);
  view.scale = Math.min(40, Math.max(1, view.scale * factor));
  const after = sides(w, h);
  view.x += (x - w / 2) * (1 / before[0] - 1 / after[0]);
  view.y += (y - h / 2) * (1 / before[1] - 1 / after[1]);
  if (view.scale === 1) view.x = view.y = 0.5;
}

function listen() {
  const map = by("map"), middle = () => [map.clientWidth / 2, map.clientHeight / 2];
  let drag = null;
  map.addEventListener("pointerdown", (e) => {
    drag = { x: e.offsetX, y: e.offsetY, moved: false };
    map.setPointerCapture(e.pointerId);
  });
  map.addEventListener("pointermove", (e) => {
    if (drag) {
      const [dx, dy] = [e.offsetX - drag.x, e.offsetY - drag.y];
      if (!drag.moved && Math.hypot(dx, dy) < 4) return;
      const [sx, sy] = sides(map.clientWidth, map.clientHeight);
      view.x -= dx / sx;
      view.y -= dy / sy;
      drag = { x: e.offsetX, y: e.offsetY, moved: true };
    } else if (!kept) {
      const clip = nearest(e.offsetX, e.offsetY, REACH);
      if (clip) choose(clip);
    }
  });
  map.addEventListener("pointerup", (e) => {
    if (drag && !drag.moved) {
      const clip = nearest(e.offsetX, e.offsetY, REACH);
      clip ? choose(clip, true) : choose(chosen, false);
    }
    drag = null;
  });
  map.addEventListener("pointercancel", () => { drag = null; });
  map.addEventListener("wheel", (e) => {
    e.preventDefault();
    zoom(2 ** (-e.deltaY / 300), e.offsetX, e.offsetY);
  }, { passive: false });
  const acts = {
    ArrowLeft: () => step(-1, 0), ArrowRight: () => step(1, 0),
    ArrowUp: () => step(0, -1), ArrowDown: () => step(0, 1),
    Enter: () => choose(chosen, true), Escape: () => choose(chosen, false),
    " ": togglePlay, f: toggleFigures,
    "+": () => zoom(1.4, ...middle()), "-": () => zoom(1 / 1.4, ...middle()),
    0: () => zoom(0, ...middle()),
  };
  map.addEventListener("keydown", (e) => {
    if (!acts[e.key] || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    acts[e.key]();
  });
  by("play").addEventListener("click", togglePlay);
  by("figures").addEventListener("click", toggleFigures);
  by("closer").addEventListener("click", acts["+"]);
  by("farther").addEventListener("click", acts["-"]);
  by("whole").addEventListener("click", acts[0]);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyle);
}

function step(dx, dy) {
  const clip = towards(dx, dy);
  if (clip) { choose(clip); center(clip); }
}

function togglePlay() {
  playing = !playing;
  by("play").textContent = playing ? "Pause" : "Play";
}

function toggleFigures() {
  figures = !figures;
  by("figures").setAttribute("aria-pressed", String(figures));
}

function restyle() {
  readColors();
  drawSwatches();
  tell();
}

function tick(now) {
  if (playing) clock += Math.min(now - last, 100) / 1000;
  last = now;
  drawMap();
  drawAside();
  requestAnimationFrame(tick);
}

by("title").textContent = document.title = data.title;
by("about").textContent = data.about;
by("play").textContent = playing ? "Pause" : "Play";
if (!playing) clock = Math.max(...clips.map((clip) => clip.frames.length)) / 2 / FPS;
makeLegend();
listen();
const asked = decodeURIComponent(location.hash.slice(1));
const found = clips.find((clip) => clip.name === asked);
if (found) [chosen, kept] = [found, true];
restyle();
requestAnimationFrame(tick);
