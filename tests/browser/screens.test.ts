import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { logIn, useAdminPage } from './admin-page.ts';
import { cutTexts, overlappingPanels } from './layout.ts';
import { seedFarm } from './seed-farm.ts';

const { startServer, openPage } = useAdminPage();

interface Violation {
  id: string;
  nodes: { html: string; failureSummary?: string }[];
}

/** What keeps somebody out, in words; [] when nothing does. */
async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as { violations: Violation[] };
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((n) => `${n.html} ${n.failureSummary}`).join('\n')}`,
  );
}

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const LOOKS = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  ru: { colorScheme: 'light', locale: 'ru-RU' },
  phone: { ...PHONE, colorScheme: 'light' },
  'phone-ru-dark': { ...PHONE, colorScheme: 'dark', locale: 'ru-RU' },
} as const;

test.each(Object.entries(LOOKS))(
  'every page in the look "%s": nothing keeps anybody out, no text is cut, nothing is wider than the screen',
  async (look, options) => {
    const server = await startServer({ config: { grafanaUrl: 'http://grafana.example' } });
    const { works, waiting, minerId, offlineId } = await seedFarm(server);
    const { page, shot } = await openPage(options);
    await page.goto(server.url);
    await page.locator('[name=username]').waitFor();
    await shot(`${look}/login`);
    expect(await barriers(page)).toEqual([]);
    await logIn(page, server.url);
    const pages = {
      overview: '/',
      miners: '/miners',
      miner: `/miners/${minerId}`,
      'miner-offline': `/miners/${offlineId}`,
      problems: '/problems',
      agents: '/agents',
      agent: `/agents/${works.id}`,
      'agent-waiting': `/agents/${waiting.id}`,
      'agent-new': '/agents/new',
      sites: '/sites',
      people: '/people',
      audit: '/people/audit',
      account: '/account',
      system: '/system',
      'not-found': '/nowhere',
    };
    const found: string[] = [];
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(server.url + path);
      await page.locator('.page-head').waitFor();
      await expect.poll(() => page.locator('.skeleton, .awaited').count()).toBe(0);
      // A list of any length draws the rows in view.
      await shot(`${look}/${name}`, { whole: name !== 'miners' });
      found.push(...(await barriers(page)).map((barrier) => `${name}: ${barrier}`));
      found.push(...(await cutTexts(page)).map((text) => `${name}: cut: ${text}`));
      found.push(...(await overlappingPanels(page)).map((panel) => `${name}: overlaps: ${panel}`));
      const tooWide = Number(
        await page.evaluate('document.documentElement.scrollWidth - innerWidth'),
      );
      if (tooWide > 0) found.push(`${name} is ${tooWide} px too wide`);
    }
    expect([...new Set(found)]).toEqual([]);
  },
  120_000,
);
