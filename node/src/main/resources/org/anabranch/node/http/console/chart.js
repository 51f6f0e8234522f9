// One path's RPO over time, with the target as a line. Drawn by hand: a page at three in the morning loads nothing from elsewhere.
const WIDTH = 600;
const HEIGHT = 90;
const LEFT = 44;
const SPAN_SECONDS = 900;

function svg(name, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

export function chart(points, target, seconds) {
  const last = points.at(-1)?.[0] ?? 0;
  const most = Math.max(target * 1.25, ...points.map(point => point[1]));
  const x = at => LEFT + (WIDTH - LEFT) * (1 - (last - at) / SPAN_SECONDS);
  const y = value => HEIGHT - 14 - (HEIGHT - 20) * value / most;
  const worst = Math.max(0, ...points.map(point => point[1]));
  const drawn = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img',
    'aria-label': `at most ${seconds(worst)}, the target is ${seconds(target)}` });
  drawn.append(
    svg('line', { class: 'axis', x1: LEFT, x2: WIDTH, y1: y(0), y2: y(0) }),
    svg('line', { class: 'target', x1: LEFT, x2: WIDTH, y1: y(target), y2: y(target) }),
    svg('text', { x: 0, y: y(target) + 4 }, seconds(target)),
    svg('text', { x: 0, y: y(0) + 4 }, '0 s'),
    svg('text', { x: LEFT, y: HEIGHT }, '15 min ago'),
    svg('text', { x: WIDTH, y: HEIGHT, 'text-anchor': 'end' }, 'now'),
    svg('path', { class: 'path', d: points.filter(point => last - point[0] <= SPAN_SECONDS)
      .map((point, i) => `${i ? 'L' : 'M'}${x(point[0]).toFixed(1)} ${y(point[1]).toFixed(1)}`).join('') }));
  return drawn;
}
