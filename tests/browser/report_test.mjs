// Drives the HTML reports, of a version, an update and a series, in headless Chromium: no network, no console errors, nothing wider than the
// screen, the search filters, the map switches, hostile names stay text.
// usage: report_test.mjs PAGE...   exit: 0 good, 1 bad, 77 no browser. SHOTS=DIR keeps screenshots.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const program = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => p && existsSync(p));
if (!program) {
  console.error('skipped: no Chromium');
  process.exit(77);
}

let bad = 0;
const check = (truth, what) => {
  if (truth) return;
  bad = 1;
  console.error(`FAILED: ${what}`);
};

const profile = mkdtempSync(join(tmpdir(), 'assay-browser-'));
const open = (options) => chromium.launchPersistentContext(profile, {
  executablePath: program, headless: true, ...options,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--hide-scrollbars'],
});

// Loads a page and collects everything that it must not do.
const load = async (context, file) => {
  const page = await context.newPage();
  const name = `${basename(file)} at ${page.viewportSize().width}`;
  page.on('console', (m) => check(!['error', 'warning'].includes(m.type()), `${name}: console: ${m.text()}`));
  page.on('pageerror', (e) => check(false, `${name}: ${e.message}`));
  page.on('dialog', (d) => { check(false, `${name}: a dialog opened`); d.dismiss(); });
  page.on('request', (r) => check(r.url() === pathToFileURL(file).href, `${name}: requested ${r.url()}`));
  await page.goto(pathToFileURL(file).href);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check(wide <= 0, `${name}: ${wide} pixels wider than the screen`);
  check(await page.locator('img, iframe, object, svg').count() === 0, `${name}: markup of the product came through`);
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${basename(file, '.html')}-${page.viewportSize().width}.png`), fullPage: basename(file) !== 'large.html' });
  return [page, name];
};

const search = async (page, name) => {
  const count = async () => Number((await page.locator('#evidence-count').textContent()).split(' ')[0]);
  const all = await count();
  const shown = () => page.locator('#evidence-list > li').count();
  check(await shown() === Math.min(all, 50), `${name}: the first page of evidence`);
  const word = (await page.locator('#evidence-list > li code').first().textContent()).split(' ')[0];
  await page.fill('#find', word);
  const some = await count();
  check(some > 0 && (some < all || all === 1), `${name}: searching "${word}" gives ${some} of ${all}`);
  for (const text of await page.locator('#evidence-list > li').allTextContents()) check(text.toLowerCase().includes(word.toLowerCase()), `${name}: a row without "${word}"`);
  await page.fill('#find', 'nothing has this text');
  check(await count() === 0 && await shown() === 0, `${name}: a search without hits`);
  await page.fill('#find', '');
  await page.selectOption('#facet', 'endpoint');
  const endpoints = await count();
  check(endpoints > 0 && endpoints < all, `${name}: the kind filters`);
  await page.selectOption('#facet', '');
  if (all > 50) {
    const first = await page.locator('#evidence-list').textContent();
    await page.click('#on');
    check(await page.locator('#evidence-list').textContent() !== first, `${name}: the next page`);
    await page.click('#back');
    check(await page.locator('#evidence-list').textContent() === first, `${name}: back to the first page`);
  }
};

const changes = async (page, name) => {
  const shown = () => page.locator('.change:visible').count();
  const all = await page.locator('.change').count();
  check(all > 3 && await shown() === all, `${name}: every change is shown at first`);
  const word = (await page.locator('.change summary code').first().textContent()).split(' ')[0];
  await page.fill('#find', word);
  const some = await shown();
  check(some > 0 && some < all, `${name}: searching "${word}" gives ${some} of ${all}`);
  await page.fill('#find', 'nothing has this text');
  check(await shown() === 0 && await page.locator('#no-change').isVisible(), `${name}: a search without hits`);
  await page.fill('#find', '');
  for (const kind of ['gained', 'lost', 'changed']) {
    await page.selectOption('#kind', kind);
    check(await shown() === await page.locator(`.change[data-kind=${kind}]`).count(), `${name}: the kind ${kind} filters`);
  }
  await page.selectOption('#kind', 'lost');
  // A line that leads to a hidden change shows it.
  await page.locator('ol.lines a').first().click();
  const target = page.locator((await page.locator('ol.lines a').first().getAttribute('href')));
  await target.waitFor({ state: 'visible', timeout: 5000 }).catch(() => check(false, `${name}: a line leads to its change`));
  await page.selectOption('#kind', '');
  const [left, right] = await page.evaluate(() => ['before', 'now'].map((side) => document.querySelector(`.sides .${side}`).getBoundingClientRect().toJSON()));
  check(page.viewportSize().width > 640 ? right.x > left.x && Math.abs(right.y - left.y) < 2 : right.y > left.y, `${name}: old left of new, or above it where it is narrow`);
};

const history = async (page, name) => {
  const shown = () => page.locator('tr[data-moved]:visible').count();
  const [all, moved] = [await page.locator('tr[data-moved]').count(), await page.locator('tr[data-moved="1"]').count()];
  check(moved > 0 && moved < all && await shown() === moved, `${name}: at first what came in or went out`);
  await page.selectOption('#story', '');
  check(await shown() === all, `${name}: all facts`);
  await page.fill('#find', 'nothing has this text');
  check(await shown() === 0, `${name}: a search without hits`);
  await page.fill('#find', '');
  const row = page.locator('tr[data-moved]:visible').first();
  await row.locator('summary').click();
  check(await row.locator('details p').first().isVisible(), `${name}: a fact opens to its place`);
  const fixed = await page.evaluate(() => {
    const box = document.querySelector('.timeline');
    const head = () => document.querySelector('.timeline thead th').getBoundingClientRect();
    const before = head();
    box.scrollTo(200, 200);
    const after = head();
    return Math.abs(before.left - after.left) < 1 && Math.abs(before.top - after.top) < 1;
  });
  check(fixed, `${name}: the head of the timeline stays`);
};

const map = async (page, name) => {
  const colours = () => page.evaluate(() => [...document.querySelectorAll('.map .t')].map((t) => getComputedStyle(t).background));
  const visible = (which) => page.locator(`.key-${which}`).isVisible();
  const before = await colours();
  check(before.length > 0, `${name}: the map has areas`);
  check(await visible('coverage') && !await visible('finding'), `${name}: the key of coverage`);
  await page.click('label[for=by-finding]');
  check(!await visible('coverage') && await visible('finding'), `${name}: the key of findings`);
  const after = await colours();
  check(after.some((c, i) => c !== before[i]), `${name}: the map switches`);
  await page.click('label[for=by-coverage]');
  check(JSON.stringify(await colours()) === JSON.stringify(before), `${name}: the map switches back`);
};

try {
  for (const [width, height, dark] of [[1280, 900, false], [390, 844, true]]) {
    const viewport = { width, height };
    const context = await open({ viewport, colorScheme: dark ? 'dark' : 'light' });
    for (const file of process.argv.slice(2)) {
      const [page, name] = await load(context, file);
      check((await page.locator('.stamp').textContent()).length > 0, `${name}: the verdict`);
      if (await page.locator('.map').count()) await map(page, name);
      if (await page.locator('#facet option').count() > 2) await search(page, name);
      if (await page.locator('#kind').count()) await changes(page, name);
      if (await page.locator('#story').count()) await history(page, name);
      await page.close();
    }
    await context.close();
  }
  // The essentials without JavaScript.
  const context = await open({ javaScriptEnabled: false });
  for (const file of process.argv.slice(2)) {
    const page = await context.newPage();
    await page.goto(pathToFileURL(file).href);
    const ids = await page.locator('.timeline').count() ? ['timeline', 'versions'] : await page.locator('.sides').count() ? ['foremost', 'changes', 'artifacts', 'coverage', 'findings'] : ['findings', 'map', 'declared', 'coverage', 'artifacts', 'evidence'];
    if (ids[0] === 'foremost') check(await page.locator('.sides').first().isVisible(), `${basename(file)} without script: the changes side by side`);
    for (const id of ids) check(await page.locator(`#${id}`).isVisible(), `${basename(file)} without script: #${id}`);
    check(!await page.locator('#find').isVisible(), `${basename(file)} without script: no dead search box`);
    await page.close();
  }
  await context.close();
} finally {
  rmSync(profile, { recursive: true, force: true });
}
process.exit(bad);
