import { Buffer } from 'node:buffer';
import { overApi } from './kind.ts';
import type { HostileKind } from './kind.ts';

const OK =
  '"STATUS":[{"STATUS":"S","When":1700000000,"Code":11,"Msg":"Summary","Description":"bmminer 1.0.0"}]';

const AVALON =
  '{"STATUS":[{"STATUS":"S","When":1700000000,"Code":22,"Msg":"CGMiner versions","Description":"cgminer 4.11.1"}],' +
  '"VERSION":[{"CGMiner":"4.11.1","API":"3.7","PROD":"AvalonMiner 1246","MODEL":"1246","HWTYPE":"MM4v1_X3","VERSION":"21072802_4ec6bb0_211fc2e","MAC":"02aabbccddee"}],"id":1}\0';

function says(
  name: string,
  does: string,
  reply: () => string | Buffer,
  introduction?: string,
): HostileKind {
  return overApi({ name, does, misbehave: (socket) => void socket.end(reply()) }, introduction);
}

/** One row under every name that some request asks for. */
const everywhere = (row: string): string =>
  `{${OK},"SUMMARY":[${row}],"STATS":[{"Type":"Antminer S19j Pro"},${row}],"POOLS":[${row}],"DEVS":[${row}],"id":1}\0`;

const NAME =
  `${'worker'.repeat(6)}\\n,= \\\\<script>alert(1)</script>"; DROP TABLE miners; --`.replaceAll(
    '"',
    '\\"',
  );

/** What stands in a reply: shape and values. */
export const REPLIES: readonly HostileKind[] = [
  says('nested', 'nests a million lists', () => '['.repeat(1_000_000)),
  says(
    'nested-objects',
    'nests 100,000 objects in valid JSON',
    () => `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}\0`,
  ),
  says(
    'many-values',
    'lists 300,000 numbers',
    () => `{${OK},"SUMMARY":[${'1,'.repeat(300_000)}1]}\0`,
  ),
  says('many-boards', 'names 12,000 boards and fans, and 3,000 pools', () => {
    const fields = Array.from({ length: 12_000 }, (_, n) => `"chain_acn${n}":114,"fan${n}":6000`);
    const pools = Array.from(
      { length: 3_000 },
      (_, n) => `{"POOL":${n},"URL":"stratum+tcp://p${n}.example:1","User":"u"}`,
    );
    return `{${OK},"SUMMARY":[{"GHS 5s":"95000"}],"STATS":[{},{${fields.join(',')}}],"POOLS":[${pools.join(',')}]}\0`;
  }),
  says('numbers', 'reports numbers that no machine reaches, and numbers that are none', () =>
    everywhere(
      '{"Elapsed":1e308,"GHS 5s":1e308,"GHS av":-1e308,"Accepted":9007199254740993,"Rejected":-1,"Hardware Errors":1e999,' +
        '"temp1":1e308,"temp2_1":-1e308,"temp_chip1":"NaN-inf-1e309","fan1":65535,"fan2":-7,"fan_num":1e9,"chain_rate1":"Infinity",' +
        '"chain_acn1":1e15,"freq_avg1":"0x41","total_rateideal":"1e400","POOL":1e308,"Priority":-1e308,"Pool Rejected%":1e308}',
    ),
  ),
  says('not-numbers', 'writes nan and inf bare where numbers belong', () =>
    everywhere(
      '{"Elapsed":nan,"GHS 5s":-nan,"GHS av":inf,"Accepted":NaN,"fan1":-inf,"temp1":Infinity,"chain_rate1":nan}',
    ),
  ),
  says(
    'wrong-kinds',
    'puts lists where objects belong, and objects where numbers do',
    () =>
      '{"STATUS":{"STATUS":[[]]},"SUMMARY":{"GHS 5s":{"a":[1]}},"STATS":[[[]],null,true,{"fan1":[],"chain_acn1":{}}],"POOLS":{"URL":{}},"id":[]}\0',
  ),
  says('names', 'puts 40 KB of line protocol, SQL and script into every name', () => {
    const name = NAME.repeat(Math.ceil(40_000 / NAME.length));
    return everywhere(
      `{"GHS 5s":"95000","Type":"${name}","Miner":"${name}","URL":"${name}","User":"${name}","SN":"${name}","chain_acn1":114,"${name}":1}`,
    );
  }),
  says('bad-utf8', 'puts bytes that are no UTF-8 into names', () =>
    Buffer.concat([
      Buffer.from(`{${OK},"SUMMARY":[{"GHS 5s":"95000","x":"`),
      Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xf4, 0x90, 0x80, 0x80]),
      Buffer.from('\\ud800"}],"POOLS":[{"URL":"stratum+tcp://\u0001\u0002'),
      Buffer.from([0xe2, 0x28, 0xa1, 0x80]),
      Buffer.from('","User":"\\udfff\\u0000"}]}\0'),
    ]),
  ),
  says('prototype', 'names its keys __proto__ and constructor', () =>
    everywhere(
      '{"GHS 5s":"95000","__proto__":{"polluted":true,"GHS av":1},"constructor":{"prototype":{"polluted":true}},"toString":1,"hasOwnProperty":1}',
    ),
  ),
  says('blanks', 'sends 900 KB of blanks and NULs with a word at the end', () =>
    `{${OK},"SUMMARY":[{"GHS 5s":"95000"}]}${' '.repeat(900_000)}x`.replace(
      '"95000"',
      `"${' '.repeat(50_000)}x"`,
    ),
  ),
  says(
    'text-blanks',
    'answers in text mode, with 900 KB of blanks before the end',
    () => `STATUS=S,Code=11,Msg=x|SUMMARY,Elapsed=1,GHS 5s=1${' '.repeat(900_000)}x|`,
  ),
  says(
    'long-words',
    'reports 900 KB of letters and of digits where fields are looked for',
    () =>
      `{${OK},"SUMMARY":[{"Elapsed":"${'1'.repeat(200_000)}","MHS av":"${'1,'.repeat(100_000)}"}],"STATS":[{"MM ID0":"${'A'.repeat(500_000)} "}]}\0`,
    AVALON,
  ),
];
