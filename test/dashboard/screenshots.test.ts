import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { adminKey } from '../support/admin.ts';
import { packageRoot } from '../support/ocp.ts';
import { goTo, launchBrowser, login, noBrowser, openPage, phone } from './browser.ts';
import { startDemoSite, streamFor } from './site.ts';

/** `OCP_SCREENSHOTS=1` writes the pictures of the README, from the demo's afternoon. */
const isAsked = process.env['OCP_SCREENSHOTS'] === '1';
const skip = noBrowser === false ? (isAsked ? false : 'OCP_SCREENSHOTS=1 takes them') : noBrowser;

test('the pictures of the README', { skip, timeout: 600_000 }, async () => {
  const folder = join(packageRoot, 'docs/images');
  mkdirSync(folder, { recursive: true });
  await using site = await startDemoSite(200);
  const browser = await launchBrowser();
  const streams = [
    await streamFor(site.ocp, site.keys['anna-laptop'] ?? '', 'sonnet', 'claude-code/2.1'),
    await streamFor(site.ocp, site.keys['ci-reviews'] ?? '', 'opus', 'opencode/1'),
    await streamFor(site.ocp, site.keys['home-assistant'] ?? '', 'haiku', 'openai/1'),
  ];
  try {
    {
      await using opened = await openPage(browser, site.ocp.url, { size: { width: 1280, height: 1265 } });
      await login(opened.page, site.ocp.url, adminKey);
      await opened.page.getByText('characters').first().waitFor();
      await opened.page.getByText('Tokens').first().waitFor();
      await opened.page.screenshot({ path: join(folder, 'overview.png') });
      await opened.page.setViewportSize({ width: 1280, height: 430 });
      await goTo(opened.page, 'keys', 'Keys');
      await opened.page.getByRole('img').first().waitFor();
      await opened.page.screenshot({ path: join(folder, 'keys.png') });
    }
    await using opened = await openPage(browser, site.ocp.url, {
      size: { ...phone, height: 780 },
      scheme: 'dark',
      scale: 2,
    });
    await login(opened.page, site.ocp.url, adminKey);
    await opened.page.getByText('characters').first().waitFor();
    await opened.page.getByText('From prompt cache').waitFor();
    await opened.page.screenshot({ path: join(folder, 'phone.png') });
  } finally {
    for (const stream of streams) stream.abort();
    await browser.close();
  }
});
