/** The pages of the navigation: the letter after `g`, and the route without which there is nothing to see there. */
export const PAGES = [
  { href: '/', word: 'nav.overview', letter: 'KeyO', needs: null },
  { href: '/miners', word: 'nav.miners', letter: 'KeyM', needs: null },
  { href: '/problems', word: 'nav.problems', letter: 'KeyP', needs: 'GET /api/problems' },
  { href: '/agents', word: 'nav.agents', letter: 'KeyA', needs: 'GET /api/agents' },
  { href: '/sites', word: 'nav.sites', letter: 'KeyS', needs: null },
  { href: '/people', word: 'nav.people', letter: 'KeyU', needs: 'GET /api/people' },
  { href: '/system', word: 'nav.system', letter: 'KeyY', needs: 'GET /api/system' },
] as const;
