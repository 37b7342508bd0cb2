import type { Board, Fan } from '../../reading.ts';
import { board } from '../capabilities.ts';
import type { Replies } from '../family.ts';
import { rate } from '../units.ts';
import { num, positive, row, rows, sensors, text } from '../values.ts';
import type { Row } from '../values.ts';
import { deviceInfo, isV3, list, summary, v3Status, v3Summary } from './replies.ts';

/** As many boards as the reply lists: M64 and others have four. */
export function readBoards(replies: Replies): Board[] {
  if (isV3(replies)) return v3Boards(replies);
  for (const command of ['edevs', 'devs']) {
    const listed = list(replies, command, 'DEVS');
    if (listed.length > 0) return listed.map(devsBoard);
  }
  return rows(row(replies.get('stats'))['STATS'])
    .filter((entry) => /^SM\d+$/.test(text(entry['ID']) ?? ''))
    .map(statsBoard);
}

function devsBoard(told: Row, index: number): Board {
  return board(num(told['Slot']) ?? num(told['ASC']) ?? index, {
    hashrateThs: rate(told['MHS 1m'], 'MH/s') ?? rate(told['MHS av'], 'MH/s'),
    expectedThs: rate(told['Factory GHS'], 'GH/s') || null,
    chips: num(told['Effective Chips']),
    boardTempsC: sensors([num(told['Temperature'])]),
    chipTempsC: sensors([
      num(told['Chip Temp Min']),
      num(told['Chip Temp Avg']),
      num(told['Chip Temp Max']),
    ]),
    frequencyMhz: positive(told['Chip Frequency']),
    hwErrors: num(told['Hardware Errors']),
    serial: text(told['PCB SN']),
  });
}

/** cgminer 4.9.2 of 2018–2020: one entry `SM0`, `SM1` … for each board. */
function statsBoard(entry: Row, index: number): Board {
  return board(num(entry['slot']) ?? index, {
    chips: num(entry['chip_num']),
    chipsGood: num(entry['ok_chips']),
    boardTempsC: sensors(
      Object.keys(entry)
        .filter((key) => /^temp_\d+$/.test(key))
        .map((key) => num(entry[key])),
    ),
    frequencyMhz: positive(entry['freqs_avg']),
  });
}

function v3Boards(replies: Replies): Board[] {
  const machine = v3Summary(replies);
  const onBoard = Array.isArray(machine['board-temperature']) ? machine['board-temperature'] : [];
  const serials = row(deviceInfo(replies)['miner']);
  return rows(v3Status(replies, 'edevs')).map((told, index) => {
    const slot = num(told['slot']) ?? num(told['id']) ?? index;
    return board(slot, {
      hashrateThs: rate(told['hash-realtime'], 'TH/s') ?? rate(told['hash-average'], 'TH/s'),
      expectedThs: rate(told['factory-hash'], 'TH/s') || null,
      chips: num(told['effective-chips']),
      boardTempsC: sensors([num(onBoard[index])]),
      chipTempsC: sensors([
        num(told['chip-temp-min']),
        num(told['chip-temp-avg']),
        num(told['chip-temp-max']),
      ]),
      frequencyMhz: positive(told['freq']),
      serial: text(serials[`pcbsn${slot}`]),
    });
  });
}

/** Air-cooled machines have one fan in and one out; liquid ones say 0 or nothing. */
export function readFans(replies: Replies): Fan[] {
  const machine = isV3(replies) ? v3Summary(replies) : summary(replies);
  if (machine['Liquid Cooling'] === true) return [];
  const speeds = isV3(replies)
    ? [machine['fan-speed-in'], machine['fan-speed-out']]
    : [machine['Fan Speed In'], machine['Fan Speed Out']];
  const fans = speeds.map((value, index) => ({ slot: index + 1, rpm: num(value), percent: null }));
  return fans.filter(({ rpm }) => rpm !== null);
}
