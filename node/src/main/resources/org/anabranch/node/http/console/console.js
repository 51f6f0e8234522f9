// Shows what /api/status says, once a second by events. Everything is set as text: rows are users' data.
import { chart } from './chart.js';

const STALE_AFTER_MILLIS = 5000;
const ROWS_EVERY_MILLIS = 5000;
const POINTS_MAX = 900;

const place = id => document.getElementById(id);
let heardAt = 0;
let rows = { conflicts: [], quarantine: [] };
const history = new Map();

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) made.setAttribute(key, value);
  made.append(...children.filter(child => child !== undefined && child !== ''));
  return made;
}

const seconds = value => value === undefined ? '' : value < 10 ? `${value.toFixed(2)} s` : value < 120 ? `${value.toFixed(0)} s`
  : value < 7200 ? `${(value / 60).toFixed(0)} min` : `${(value / 3600).toFixed(1)} h`;
const number = value => Math.round(value ?? 0).toLocaleString('en');
const rate = value => value > 0 && value < 10 ? value.toFixed(1) : number(value);
const time = text => text ? text.slice(0, 19).replace('T', ' ') : '';

function bytes(value) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${value.toFixed(unit ? 1 : 0)} ${units[unit]}`;
}

// A sign and a word beside the colour: nobody has to tell colours apart.
const SIGNS = { good: '\u2713', warn: '\u25B3', bad: '\u2715' };
const state = (kind, word) => element('span', { class: `state ${kind}` }, `${SIGNS[kind]} ${word}`);
const kindOfPart = word => ({ RUNNING: 'good', COPYING: 'warn', STARTING: 'warn', WAITING: 'warn' })[word] ?? 'bad';

function table(heads, lines, empty) {
  if (!lines.length) return element('p', { class: 'quiet' }, empty);
  const cell = (name, head, content) => element(name, head.startsWith('#') ? { class: 'number' } : head.startsWith('~') ? { class: 'text' } : {}, content ?? '');
  return element('table', {},
    element('thead', {}, element('tr', {}, ...heads.map(head => cell('th', head, head.replace(/^[#~]/, ''))))),
    element('tbody', {}, ...lines.map(line => element('tr', {}, ...line.map((content, i) => cell('td', heads[i], content))))));
}

function troubles(status) {
  const found = [];
  for (const region of status.regions) {
    if (region.unreachable) found.push(['bad', `${region.region}: ${region.unreachable}`, `anabranch run --region ${region.region}`]);
    else if (region.silent) found.push(['bad', `${region.region}'s node has said nothing for ${seconds(region.statusAgeSeconds)}`, `anabranch run --region ${region.region}`]);
    for (const part of region.parts ?? []) {
      if (part.state === 'FAILED') found.push(['bad', `${region.region}'s ${part.name} has failed: ${part.detail}`, 'anabranch status']);
      else if (part.state === 'WAITING') found.push(['warn', `${region.region}'s ${part.name} waits: ${part.detail}`, 'anabranch check']);
    }
    for (const path of region.paths ?? []) {
      if (path.verdict === 'BREACH') {
        found.push(['bad', `${region.region} is ${seconds(path.rpoSeconds)} behind ${path.origin}, over the target`
          + (path.slowestStage ? `; ${seconds(path.stages[path.slowestStage])} of it in ${path.slowestStage}` : ''), 'anabranch status']);
      } else if (path.verdict === 'COPYING') found.push(['warn', `${region.region} does not have everything of ${path.origin} yet: it is being copied`, 'anabranch status']);
    }
    if (region.slot && ['lost', 'missing'].includes(region.slot.walStatus)) found.push(['bad', `${region.region}'s slot ${region.slot.name} is ${region.slot.walStatus}: its changes may be missing elsewhere`, 'anabranch status']);
    const held = (region.quarantine ?? []).reduce((sum, one) => sum + one.changes, 0);
    if (held) found.push(['warn', `${number(held)} changes could not be applied in ${region.region}`, `anabranch quarantine list --region ${region.region}`]);
  }
  return found.sort((one, other) => (one[0] === 'bad' ? 0 : 1) - (other[0] === 'bad' ? 0 : 1));
}

function verdict(status) {
  const found = troubles(status);
  const kind = found.some(one => one[0] === 'bad') ? 'bad' : found.length ? 'warn' : 'good';
  const worst = Math.max(0, ...status.regions.flatMap(region => (region.paths ?? []).map(path => path.rpoSeconds ?? 0)));
  place('verdict').className = kind;
  const words = kind === 'good' ? `Every region is within ${seconds(status.rpoTargetSeconds)}: the worst is ${seconds(worst)} behind`
    : kind === 'warn' ? 'Something waits for you' : 'Something is wrong';
  const head = element('h1', {}, `${SIGNS[kind]} ${words}`);
  const list = element('ul', {}, ...found.slice(0, 12).map(one => element('li', {}, one[1], ' ', element('code', {}, one[2]))));
  const before = place('verdict').textContent;
  const after = head.textContent + list.textContent;
  if (before !== after) place('verdict').replaceChildren(head, ...(found.length ? [list] : []));
}

function map(status) {
  const names = status.regions.map(region => region.region);
  const lines = names.map(origin => [element('strong', {}, origin), ...status.regions.map(region => {
    const path = (region.paths ?? []).find(one => one.origin === origin);
    if (!path) return element('span', { class: 'quiet' }, origin === region.region ? '\u2013' : region.paths ? '' : 'unknown');
    if (path.verdict === 'COPYING') return state('warn', 'copying');
    return state(path.verdict === 'BREACH' ? 'bad' : region.silent ? 'warn' : 'good', seconds(path.rpoSeconds));
  })]);
  place('map').replaceChildren(table(['origin', ...names.map(name => `to ${name}`)], lines, 'No region writes anything.'));
  place('loss').replaceChildren(...status.loss.map(loss => element('li', {}, `Lose ${loss.region} now: ${seconds(loss.rpoSeconds)}`
    + (loss.changes === undefined ? '' : `, about ${number(loss.changes)} changes`) + `; ${loss.best} has the rest`)));
}

function time15(status) {
  place('time').replaceChildren(...[...history].map(([name, points]) => element('figure', {},
    element('figcaption', {}, element('span', {}, name), element('span', { class: 'quiet' }, `now ${seconds(points.at(-1)?.[1])}`)),
    chart(points, status.rpoTargetSeconds, seconds))));
}

function remember(status) {
  const now = Date.parse(status.now) / 1000;
  for (const region of status.regions) {
    for (const path of region.paths ?? []) {
      if (path.rpoSeconds === undefined) continue;
      const name = `${path.origin} to ${region.region}`;
      const points = history.get(name) ?? [];
      points.push([now, path.rpoSeconds]);
      if (points.length > POINTS_MAX) points.shift();
      history.set(name, points);
    }
  }
}

function details(status) {
  const of = (key, line) => status.regions.flatMap(region => (region[key] ?? []).map(one => line(region, one)));
  const stages = ['capture', 'link', 'resolve', 'apply'];
  place('stages').replaceChildren(table(['path', ...stages.map(stage => `#${stage}`), 'slowest'], of('paths', (region, path) =>
    [`${path.origin} to ${region.region}`, ...stages.map(stage => seconds(path.stages[stage])), path.slowestStage ?? '']), 'Nothing comes from anywhere.'));
  place('parts').replaceChildren(table(['region', 'part', 'state', '~'], of('parts', (region, part) =>
    [region.region, part.name, region.silent ? state('bad', 'SILENT') : state(kindOfPart(part.state), part.state), part.detail]), 'No node has said anything yet.'));
  const copies = of('copies', (region, copy) => ({ region, copy })).filter(one => !one.copy.done)
    .map(one => element('p', {}, `${one.region.region}: first copy of ${one.copy.table}, ${number(one.copy.rowsCopied)} of about ${number(one.copy.rowsEstimated)} rows, ${number(one.copy.rowsPerSecond)} rows/s`));
  place('tables').replaceChildren(...copies, table(['region', 'table', 'state', '#RPO', '#rows/s', '#rows', '~last error'], of('tables', (region, one) =>
    [region.region, one.table, state(one.state === 'OK' ? 'good' : 'warn', one.state), seconds(one.rpoSeconds), rate(one.rowsPerSecond), number(one.rowsTotal), one.lastError ?? '']),
    'Nothing has been applied since the nodes started.'));
  const servers = status.regions.filter(region => region.slot).map(({ region, slot }) => [region, `slot ${slot.name}`,
    state(['lost', 'missing'].includes(slot.walStatus) ? 'bad' : slot.active ? 'good' : 'warn', slot.active ? slot.walStatus : `${slot.walStatus}, nobody reads`),
    `keeps ${bytes(slot.retainedBytes)}`, slot.remainingBytes === undefined ? 'no bound is set' : `${bytes(slot.remainingBytes)} left`]);
  const disks = of('disks', (region, disk) => [region.region, disk.disk, state(disk.usableBytes < disk.totalBytes / 5 ? 'warn' : 'good',
    `${Math.round(100 - 100 * disk.usableBytes / disk.totalBytes)} % used`), '', `${bytes(disk.usableBytes)} left`]);
  place('servers').replaceChildren(table(['region', '~', 'state', '#', '#'], [...servers, ...disks], 'Nothing is known of them yet.'));
  const held = of('quarantine', (region, one) => [region.region, one.table, number(one.changes), one.lastError,
    element('code', {}, `anabranch quarantine list --region ${region.region}`)]);
  const orphans = of('orphans', (region, one) => [region.region, one.table, number(one.rows), `no parent in ${one.parent} (${one.constraint})`, element('code', {}, 'anabranch.orphans')]);
  place('quarantine').replaceChildren(table(['region', 'table', '#rows', '~why', 'look'], [...held, ...orphans], 'Empty: every row could be applied, and none lacks its parent.'),
    ...(rows.quarantine.length ? [table(['#id', 'table', 'key', 'change', 'from', '~error'], rows.quarantine.map(one => [String(one.id), one.table, one.key, one.operation, one.origin, one.error]), '')] : []));
}

function conflicts(status) {
  const side = one => `${one.origin} ${one.operation === 'delete' ? 'deleted' : 'wrote'} ${JSON.stringify(one.row)}`;
  place('conflicts').replaceChildren(table(['at (UTC)', 'table', 'key', '~who won what', '~the earlier', '~the later'], rows.conflicts.map(one =>
    [time(one.later.committedAt), one.table, one.key, one.losses.map(loss => `${loss.columns.join(', ') || 'the row'}: ${loss.winner} (${loss.policy})`).join('; '), side(one.earlier), side(one.later)]),
    `None stands in the journal of ${status.servedBy}.`));
}

function heard() {
  const old = Date.now() - heardAt;
  const stale = !heardAt || old > STALE_AFTER_MILLIS;
  document.documentElement.classList.toggle('stale', stale);
  place('heard').className = stale ? 'bad' : 'quiet';
  place('heard').textContent = !heardAt ? 'connecting' : stale ? `\u2715 nothing heard for ${seconds(old / 1000)}: what is shown is old` : 'live, times in UTC';
  if (stale && heardAt) {
    place('verdict').className = 'bad';
    place('verdict').replaceChildren(element('h1', {}, '\u2715 This node does not answer'), element('p', {}, 'Its process, or the way to it, is gone. Another region\u2019s console shows what is known of it. ', element('code', {}, 'anabranch status')));
  }
}

function show(status) {
  heardAt = Date.now();
  remember(status);
  place('pipeline').textContent = `${status.pipeline}, seen from ${status.servedBy} at ${time(status.now)}`;
  document.title = `${troubles(status).length ? '(!) ' : ''}${status.pipeline} - Anabranch`;
  for (const draw of [verdict, map, time15, details, conflicts]) draw(status);
  heard();
}

async function read(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path} says ${answer.status}`);
  return answer.json();
}

async function readRows() {
  for (const name of ['conflicts', 'quarantine']) {
    try {
      rows[name] = (await read(`api/${name}?limit=50`))[name];
    } catch {
      // the status says what is wrong with the database
    }
  }
}

try {
  for (const path of (await read('api/history')).paths) history.set(`${path.origin} to ${path.region}`, path.points);
} catch {
  // it begins with what comes now
}
readRows();
setInterval(readRows, ROWS_EVERY_MILLIS);
setInterval(heard, 1000);
new EventSource('api/events').addEventListener('status', event => show(JSON.parse(event.data)));
