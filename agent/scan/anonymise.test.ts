import { describe, expect, it } from 'vitest';
import { makeAnonymiser } from './anonymise.ts';

const SECRETS = [
  'b4:a2:eb:3f:23:48',
  'B4-A2-EB-3F-23-48',
  'b4a2eb3f2348',
  '192.168.7.31',
  '81.2.69.160',
  'HTM31X67892107',
  'farmer.rig17',
  'alice@farm.example.org',
  'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq',
  'rack-17-north',
  'MyHomeWifi',
  'hunter2-secret',
  'eu.secretpool.com',
  '7f3a9c11d2',
];

const REPLIES: Record<string, string> = {
  json: `{"STATUS":[{"STATUS":"S","Msg":"x"}],"VERSION":[{"Type":"Wundermine X9","Miner":"49.0.1.3","API":"3.1"}],"POOLS":[{"POOL":0,"URL":"stratum+tcp://farmer.rig17@eu.secretpool.com:3333","User":"farmer.rig17","Pass":"hunter2-secret"}],"mac":"b4:a2:eb:3f:23:48","macaddr":"b4a2eb3f2348","ip":"192.168.7.31","dns_ip":"81.2.69.160","minersn":"HTM31X67892107","hostname":"rack-17-north","ssid":"MyHomeWifi","owner":"alice@farm.example.org","stratumUser":"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq","id":1}`,
  broken: `{"POOLS":[{"URL":"stratum+ssl:\\/\\/eu.secretpool.com:443","User":"farmer.rig17"}{"x":nan,"Serial No" : "HTM31X67892107",},"hostname":"rack-17-north`,
  text: 'STATUS=S,When=1,Description=wunder 1.0|POOL=0,URL=stratum+tcp://eu.secretpool.com:3333,User=farmer.rig17,Stratum Active=true|Ver[X9-123] DNA[HTM31X67892107] MAC[b4a2eb3f2348]|',
  html: `<html><title>rack-17-north - Wundermine</title><input type="text" name="hostname" value="rack-17-north"><input name="passwd" type="password" value="hunter2-secret"><p>B4-A2-EB-3F-23-48 at 192.168.7.31</p></html>`,
  headers:
    'HTTP 200; set-cookie: sid=7f3a9c11d2\nserver: lighttpd\nSet-Cookie: sysauth=7f3a9c11d2; path=/',
};

describe('anonymiser', () => {
  it.each(Object.entries(REPLIES))('leaves nothing of whose it is in %s', (_name, reply) => {
    const anonymise = makeAnonymiser();
    // What one reply shows to be a name is one in the others, too.
    const clean = anonymise(reply);
    expect(SECRETS.filter((secret) => clean.toLowerCase().includes(secret.toLowerCase()))).toEqual(
      [],
    );
  });

  it('keeps what tells the machine, and JSON stays JSON with the same names', () => {
    const clean = makeAnonymiser()(REPLIES['json']!);
    const told = JSON.parse(clean) as Record<string, unknown>;
    expect(Object.keys(told)).toEqual(Object.keys(JSON.parse(REPLIES['json']!) as object));
    expect(told['VERSION']).toEqual([{ Type: 'Wundermine X9', Miner: '49.0.1.3', API: '3.1' }]);
    expect(told['POOLS']).toEqual([
      { POOL: 0, URL: 'stratum+tcp://pool-1.example:3333', User: 'user-1', Pass: 'removed' },
    ]);
    // The maker's half of a MAC stays.
    expect(told['mac']).toBe('b4:a2:eb:00:00:01');
    expect(told['macaddr']).toBe('b4a2eb000001');
  });

  it('calls the same thing the same everywhere, and keeps two apart', () => {
    const anonymise = makeAnonymiser();
    const [one, two, again] = ['farmer.rig17', 'farmer.rig18', 'farmer.rig17'].map((user) =>
      anonymise(`{"User":"${user}"}`),
    );
    expect([one, two, again]).toEqual([
      '{"User":"user-1"}',
      '{"User":"user-2"}',
      '{"User":"user-1"}',
    ]);
  });

  it('is done with a megabyte of anything', () => {
    const anonymise = makeAnonymiser();
    for (const piece of [
      '"a":"',
      'a=',
      'A[',
      'user',
      '1.',
      'aa:',
      'name="',
      'a@',
      ' ',
      '://',
      '"mac":"x",',
    ]) {
      expect(anonymise(piece.repeat(64_000 / piece.length)).length).toBeGreaterThan(0);
    }
  });
});
