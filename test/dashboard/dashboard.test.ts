import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { adminKey } from '../support/admin.ts';
import { packageRoot } from '../support/ocp.ts';
import type { Look } from './browser.ts';
import { checkPage, desktop, goTo, holds, launchBrowser, login, noBrowser, openPage, phone } from './browser.ts';
import { startGate } from './gate.ts';
import type { DemoSite } from './site.ts';
import { startDemoSite, streamFor } from './site.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const built = join(packageRoot, 'dist/dashboard');
if (!existsSync(join(built, 'index.html'))) {
  execFileSync(process.execPath, [join(packageRoot, 'scripts/build-dashboard.ts')], { stdio: 'inherit' });
}

const views = [
  ['overview', 'Overview'],
  ['keys', 'Keys'],
  ['requests', 'Requests'],
  ['settings', 'Settings'],
  ['sessions', 'Sessions'],
  ['cache', 'Cache'],
  ['audit', 'Audit'],
  ['logs', 'Logs'],
  ['doctor', 'Doctor'],
] as const;

test('the page is smaller than 80 KB', () => {
  const files = readdirSync(built, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.gz'));
  assert.ok(files.length >= 3);
  const total = files.reduce((sum, name) => sum + statSync(join(built, name)).size, 0);
  assert.ok(total < 80 * 1024, `${total} bytes gzipped`);
});

suite('the dashboard in a browser', { skip: noBrowser, timeout: 600_000 }, () => {
  let site: DemoSite;
  let browser: Browser;
  before(async () => {
    [site, browser] = await Promise.all([startDemoSite(60), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
  });
  const open = async (look: Look = {}, url = site.ocp.url): ReturnType<typeof openPage> => openPage(browser, url, look);
  const nameOf = async (page: Page, name: string): Promise<void> =>
    page.getByText(name, { exact: true }).first().waitFor();

  for (const [size, sizeName] of [
    [desktop, 'desktop'],
    [phone, 'phone'],
  ] as const) {
    for (const scheme of ['light', 'dark'] as const) {
      // The layout depends on the width and the colours on the scheme: two of the four ways see every view.
      const isWhole = (size === desktop) === (scheme === 'light');
      test(`${isWhole ? 'every view' : 'the main views'}, ${sizeName}, ${scheme}`, async () => {
        await using opened = await open({ size, scheme });
        const { page } = opened;
        await page.goto(`${site.ocp.url}/dashboard`);
        await page.getByText('5-hour session').waitFor();
        await checkPage(page, axe, 'public');
        const text = await page.locator('body').innerText();
        for (const name of Object.keys(site.keys)) assert.ok(!text.includes(name), 'a stranger sees nobody');
        await login(page, site.ocp.url, adminKey);
        for (const [view, heading] of isWhole ? views : views.slice(0, 3)) {
          await goTo(page, view, heading);
          await checkPage(page, axe, `${view}, ${sizeName}, ${scheme}`);
        }
        assert.deepEqual(opened.wrong(), []);
      });
    }
  }

  test('the overview shows what runs and what is over, by key and model', async () => {
    await using opened = await open();
    const { page } = opened;
    await login(page, site.ocp.url, adminKey);
    const running = page.getByRole('list', { name: 'Running requests' });
    const stream = await streamFor(site.ocp, site.keys['ben-desktop'] ?? '', 'sonnet', 'opencode/1');
    await running.getByText('ben-desktop').waitFor();
    await page.getByText('characters').waitFor();
    stream.abort();
    await page.getByText('Nothing is running').waitFor();

    const requests = page.locator('.tile', { hasText: 'Requests' }).locator('.figure');
    const all = Number(await requests.innerText());
    await page.getByLabel('Key', { exact: true }).selectOption('kitchen-tablet');
    await holds(page, `Number(document.querySelector('.tile .figure').textContent) < ${all}`);
    await page.getByRole('button', { name: '30 days' }).click();
    await page.getByText('per day').first().waitFor();
    await page.getByRole('img', { name: /^Requests per day: /u }).waitFor();
    assert.deepEqual(opened.wrong(), []);
  });

  test('a key is made, shown once, limited, rotated and revoked', async () => {
    await using opened = await open();
    const { page } = opened;
    await login(page, site.ocp.url, adminKey);
    await goTo(page, 'keys', 'Keys');
    await page.getByRole('button', { name: 'New key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('anna-laptop');
    await dialog.getByLabel('Note').fill('<img src=x onerror=alert(1)>');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByRole('alert').getByText('There is a key named').waitFor();
    await dialog.getByLabel('Name').fill('visitor');
    await dialog.getByRole('button', { name: 'Limits' }).click();
    await dialog.getByLabel('Requests a day').fill('3');
    await checkPage(page, axe, 'the form of a new key');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText('cannot be shown again').waitFor();
    await checkPage(page, axe, 'a new key');
    const key = await dialog.locator('code').first().innerText();
    assert.match(key, /^ocp_[A-Za-z0-9_-]{32}$/u);
    assert.equal(
      await dialog.locator('code').nth(1).innerText(),
      `curl -fsSL ${site.ocp.url}/connect | sh -s -- --key ${key}`,
    );
    await dialog.getByRole('img', { name: /QR code/u }).waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    assert.ok(!(await page.content()).includes(key), 'it cannot be found in the page any more');

    await page.getByRole('button', { name: /^Limits of visitor: 3 requests a day/u }).click();
    const limits = page.getByRole('form', { name: 'Limits of visitor' });
    await limits.getByLabel('Requests a day').fill('5');
    await limits.getByLabel('USD a month').fill('2.5');
    await limits.getByRole('button', { name: 'Save limits' }).click();
    await page.getByRole('button', { name: /^Limits of visitor: 5 requests a day, \$2.50 a month/u }).waitFor();

    await page.getByRole('button', { name: 'Edit visitor' }).click();
    await dialog.getByLabel('The key works').uncheck();
    await dialog.getByRole('button', { name: 'Save' }).click();
    const row = page.getByRole('row', { name: /^visitor/u });
    await row.getByText('off', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'Rotate visitor' }).click();
    await dialog.getByLabel('The old text stops working').selectOption('in a day');
    await dialog.getByRole('button', { name: 'Rotate' }).click();
    await dialog.getByText('cannot be shown again').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();

    await page.getByRole('button', { name: 'Revoke visitor' }).click();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await row.waitFor();
    await page.getByRole('button', { name: 'Revoke visitor' }).click();
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await row.waitFor({ state: 'detached' });
    await page.getByLabel('Show revoked ones').check();
    await row.getByText('revoked').waitFor();
    assert.deepEqual(opened.wrong(/^409|409 \(/u), []);
  });

  test('whatever people name things, it stays text', async () => {
    const evil = '<img src=x onerror="document.title=1">';
    await using opened = await open();
    const { page } = opened;
    await page.route('**/api/keys', async (route) => {
      const answer = await route.fetch();
      const { keys } = (await answer.json()) as { keys: Record<string, unknown>[] };
      await route.fulfill({
        response: answer,
        json: { keys: keys.map((key) => ({ ...key, name: evil, note: evil })) },
      });
    });
    await login(page, site.ocp.url, adminKey);
    const body = { model: evil, messages: [{ role: 'user', content: 'hello' }] };
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${site.keys['anna-laptop']}` };
    const asked = await fetch(`${site.ocp.url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    assert.equal(asked.status, 404);
    await goTo(page, 'keys', 'Keys');
    await nameOf(page, evil);
    await goTo(page, 'requests', 'Requests');
    await nameOf(page, evil);
    assert.equal(await page.locator('img').count(), 0);
    assert.deepEqual(opened.wrong(), []);
  });

  test('requests are filtered, paged and exported', async () => {
    await using opened = await open();
    const { page } = opened;
    await login(page, site.ocp.url, adminKey);
    await goTo(page, 'requests', 'Requests');
    await page.getByRole('button', { name: 'Show older ones' }).click();
    await holds(page, "document.querySelectorAll('tbody tr').length >= 100");
    await page.getByLabel('Outcome').selectOption('Failed');
    await page.getByLabel('Key', { exact: true }).selectOption('ci-reviews');
    // While the list is on its way there is no row, of which anything is true.
    await holds(
      page,
      "((rows) => rows.length > 5 && rows.every((row) => row.querySelector('.tag.bad') && row.textContent.includes('ci-reviews')))([...document.querySelectorAll('tbody tr')])",
    );
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export CSV' }).click();
    const file = readFileSync(await (await download).path(), 'utf8');
    const lines = file.trim().split('\r\n').slice(1);
    assert.ok(lines.length > 5 && lines.every((line) => line.includes('ci-reviews')));
    assert.deepEqual(opened.wrong(), []);
  });

  test('settings, sessions, cache, audit and logs do what they say', async () => {
    await using opened = await open();
    const { page } = opened;
    await login(page, site.ocp.url, adminKey);
    await goTo(page, 'settings', 'Settings');
    const places = page.getByRole('region', { name: 'Turns that run at the same time' });
    await places.getByRole('spinbutton').fill('5');
    await places.getByRole('button', { name: 'Save' }).click();
    await places.getByText('changed here').waitFor();
    await goTo(page, 'overview', 'Overview');
    await page.getByText('of 5 places taken').waitFor();
    await goTo(page, 'settings', 'Settings');
    await places.getByRole('button', { name: 'Back to the default' }).click();
    await places.getByText('comes from the default').waitFor();

    await goTo(page, 'sessions', 'Sessions');
    await page.getByRole('button', { name: 'Forget all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Forget all' }).click();
    await page.getByText('No named conversations').waitFor();
    await goTo(page, 'cache', 'Cache');
    await page.getByRole('button', { name: 'Empty it' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Empty it' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await goTo(page, 'audit', 'Audit');
    await page.getByText('cache clear').first().waitFor();
    await page.getByText('admin (session)').first().waitFor();
    await page.getByRole('button', { name: 'Check the chain' }).click();
    await page.getByText('entries are as they were written').waitFor();
    await goTo(page, 'logs', 'Logs');
    await fetch(`${site.ocp.url}/v1/models`, { headers: { authorization: 'Bearer ocp_mistyped' } });
    await page.getByText('login_failed').last().waitFor();
    assert.deepEqual(opened.wrong(), []);
  });

  test('a person sees their own, by an old link too; then they log out', async () => {
    await using opened = await open({ size: phone, zone: 'Asia/Kolkata' });
    const { page } = opened;
    await page.goto(`${site.ocp.url}/dashboard?token=${site.keys['ben-desktop']}`);
    await page.getByRole('heading', { name: 'Hello, ben-desktop' }).waitFor();
    assert.equal(page.url(), `${site.ocp.url}/dashboard`);
    await page.getByText('Cost, last 30 days').waitFor();
    await holds(page, "document.querySelector('.loading') === null");
    await checkPage(page, axe, "a person's page");
    assert.ok(!(await page.locator('body').innerText()).includes('anna'));
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    assert.deepEqual(opened.wrong(), []);
    await page.getByLabel('Key', { exact: true }).fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').getByText('does not know this API key').waitFor();
  });

  test('a lost connection shows, and heals', async () => {
    await using gate = await startGate(site.ocp.url);
    await using opened = await open({}, gate.url);
    const { page } = opened;
    await login(page, gate.url, adminKey);
    await page.getByText('Running', { exact: true }).waitFor();
    gate.close();
    await page.getByText('The connection to OCP is lost').waitFor();
    gate.open();
    await page.getByText('The connection to OCP is lost').waitFor({ state: 'detached', timeout: 20_000 });
    const stream = await streamFor(site.ocp, site.keys['anna-laptop'] ?? '', 'sonnet', 'opencode/1');
    await page.getByRole('list', { name: 'Running requests' }).getByText('anna-laptop').waitFor();
    stream.abort();
  });

  test('it can be used with the keyboard alone', async () => {
    await using opened = await open();
    const { page } = opened;
    await login(page, site.ocp.url, adminKey);
    await page.getByRole('link', { name: 'Keys' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
    await page.getByRole('button', { name: 'New key' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.deepEqual(opened.wrong(), []);
  });
});
