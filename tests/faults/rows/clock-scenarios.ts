import { setTimeout as sleep } from 'node:timers/promises';
import type { ClockSite } from '../rig/clock-site.ts';

/** What happens to the clock and the link of one site. */
export interface ClockScenario {
  name: string;
  /** At the start, as libfaketime has it. */
  clock: string;
  link: 'pass' | 'refuse';
  play(site: ClockSite, ms: number): Promise<void>;
  /** Where its samples must be. */
  end: 'stored' | 'first boot set aside';
}

/** Not by whole seconds: what is put right must not round two polls into one. */
const SEVEN_YEARS_BEHIND = '-220752000.6';

/** Batches stored, their answers lost: each is delivered again. */
async function loseAnswers({ link }: ClockSite, ms: number): Promise<void> {
  link.become('deaf');
  await sleep(ms);
  link.become('pass');
}

const jump = (name: string, clock: string): ClockScenario => ({
  name,
  clock: '+0',
  link: 'pass',
  end: 'stored',
  async play(site, ms) {
    await sleep(ms * 0.3);
    await site.setClock(clock);
    await sleep(ms * 0.2);
    await loseAnswers(site, ms * 0.1);
    await sleep(ms * 0.4);
  },
});

/** Its times are a guess nobody can put right any more, and a wrong one. */
const otherBoot = (name: string, clock: string): ClockScenario => ({
  name,
  clock,
  link: 'refuse',
  end: 'first boot set aside',
  async play(site, ms) {
    await sleep(ms * 0.4);
    await site.setClock('+0');
    await site.reboot();
    site.link.become('pass');
    await sleep(ms * 0.6);
  },
});

export const CLOCK_SCENARIOS: readonly ClockScenario[] = [
  {
    name: 'seven years behind at boot',
    clock: SEVEN_YEARS_BEHIND,
    link: 'pass',
    end: 'stored',
    async play(site, ms) {
      await sleep(ms * 0.5);
      await loseAnswers(site, ms * 0.1);
      await sleep(ms * 0.4);
    },
  },
  jump('an hour ahead in mid-run', '+1h'),
  jump('an hour back in mid-run', '-1h'),
  jump('ten years ahead in mid-run', '+10y'),
  {
    name: 'behind at boot, set while the server is away, which then answers late or unheard',
    clock: SEVEN_YEARS_BEHIND,
    link: 'refuse',
    end: 'stored',
    async play(site, ms) {
      await sleep(ms * 0.15);
      await site.setClock('+1h');
      await sleep(ms * 0.1);
      // The time it hears has been four seconds under way; what it then sends arrives, and the answer does not.
      site.link.delayMs = 2_000;
      site.link.become('slow');
      await sleep(7_600);
      await loseAnswers(site, ms * 0.15);
      await sleep(ms * 0.3);
    },
  },
  otherBoot('behind, off before it heard the time, right after the boot', SEVEN_YEARS_BEHIND),
  otherBoot('ahead, off before it heard the time, right after the boot', '+1h'),
];
