import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { until } from '../support/processes.ts';

const executablePath = '/usr/bin/chromium';

/** Why these tests cannot run here; false when they can. */
export const noBrowser: string | false = existsSync(executablePath) ? false : `${executablePath} is not installed`;

export const desktop = { width: 1280, height: 860 };
export const phone = { width: 360, height: 740 };

export async function launchBrowser(): Promise<Browser> {
  const quiet = ['no-first-run', 'disable-background-networking', 'disable-component-update', 'disable-sync'];
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet.map((name) => `--${name}`)],
  });
}

const tellOfViolations = `
  addEventListener('securitypolicyviolation', (event) => {
    console.error('CSP: ' + event.violatedDirective + ' ' + event.blockedURI);
  });`;

/** Every rule that is broken, with the first place where it is. */
const axeRun = `
  axe
    .run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) =>
      violations.map(({ id, help, nodes }) => [id, help, nodes[0].html, nodes[0].failureSummary].join(': ')))`;

export interface Look {
  readonly size?: { readonly width: number; readonly height: number };
  readonly scheme?: 'light' | 'dark';
  readonly zone?: string;
  readonly scale?: number;
}

/** A page of the dashboard that tells of everything that goes wrong in it. */
export interface Watched extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What went wrong so far; failed requests that the test itself causes can be taken out by a part of their text. */
  wrong(except?: RegExp): readonly string[];
}

/** Opens a page in a profile of its own. Its requests can reach this machine only. */
export async function openPage(browser: Browser, url: string, look: Look = {}): Promise<Watched> {
  const context = await browser.newContext({
    viewport: look.size ?? desktop,
    colorScheme: look.scheme ?? 'light',
    timezoneId: look.zone ?? 'Europe/Berlin',
    locale: 'en-GB',
    deviceScaleFactor: look.scale ?? 1,
    reducedMotion: 'reduce',
    acceptDownloads: true,
  });
  const problems: string[] = [];
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.addInitScript({ content: tellOfViolations });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => {
    // A page that goes away lets go of its stream of events.
    const isGone = request.url().endsWith('/api/events') && request.failure()?.errorText === 'net::ERR_ABORTED';
    const isDownload = request.url().includes('format=');
    if (!isGone && !isDownload) problems.push(`failed: ${request.url()} ${request.failure()?.errorText ?? ''}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:'))
      problems.push(`foreign: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  return {
    page,
    context,
    wrong: (except) => problems.filter((problem) => except?.test(problem) !== true),
    async [Symbol.asyncDispose]() {
      await context.close();
    },
  };
}

/** Fails where the page breaks a rule of accessibility, or is wider than its window. */
export async function checkPage(page: Page, axe: string, what: string): Promise<void> {
  // What runs in the page is text: here there is no DOM for it to be checked against.
  if ((await page.evaluate<string>('typeof axe')) === 'undefined') await page.evaluate(axe);
  assert.deepEqual(await page.evaluate<readonly string[]>(axeRun), [], what);
  const root = 'document.documentElement';
  const overflow = await page.evaluate<number>(`${root}.scrollWidth - ${root}.clientWidth`);
  assert.ok(overflow <= 0, `${what} is ${overflow} px wider than its window`);
}

/**
 * Resolves once an expression is true in the page. Asked from outside again and again: the page's policy forbids a browser to
 * take a text for a program, even when a test asks it to wait.
 */
export async function holds(page: Page, expression: string): Promise<void> {
  await until(async () => page.evaluate<boolean>(expression), 30_000);
}

/** Opens a view by its name in the address. */
export async function goTo(page: Page, view: string, heading: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(`#/${view}`)}`);
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  await holds(page, "document.querySelector('.loading') === null");
}

export async function login(page: Page, url: string, key: string): Promise<void> {
  await page.goto(`${url}/dashboard`);
  await page.getByLabel('Key', { exact: true }).fill(key);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { level: 1, name: /Overview|Hello/u }).waitFor();
}
