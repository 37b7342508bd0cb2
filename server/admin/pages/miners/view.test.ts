import { expect, test } from 'vitest';
import { filterBody, readView, rowsQuery, USUAL_COLUMNS, writeView } from './view.ts';

test.each([
  '',
  'q=rack-7',
  'state=offline&sort=hash_rate&order=desc',
  'q=a%26b&site_id=3&model=S19j+Pro&tag=%D1%80%D1%8F%D0%B4+1',
  'retired=only&columns=state%2Cname%2Cmac',
])('a view is its address: "%s"', (search) => {
  const view = readView(search, USUAL_COLUMNS);
  expect(writeView(view)).toBe(search);
  expect(readView(writeView(view), USUAL_COLUMNS)).toEqual(view);
});

test('what an address does not mean is left out', () => {
  const view = readView('state=fine&sort=tags&columns=colour&order=up&x=1', USUAL_COLUMNS);
  expect(writeView(view)).toBe('');
  expect(rowsQuery(view)).toBe('sort=state');
});

test('filters go to the server as it takes them', () => {
  const view = readView('q=x&state=idle&site_id=3&agent_id=0&tag=7&retired=only', USUAL_COLUMNS);
  expect(rowsQuery(view)).toBe('q=x&state=idle&site_id=3&agent_id=0&tag=7&retired=only&sort=state');
  expect(filterBody(view)).toEqual({
    q: 'x',
    state: ['idle'],
    site_id: [3],
    agent_id: [0],
    tag: ['7'],
    retired: 'only',
  });
});
