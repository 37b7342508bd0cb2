const MULTMINER =
  "the mean of a board's chips, added up over three boards; the 24 chips make 129.18 GH/s and the machine says Hr:129.93";

/**
 * Expected values that are not right, one by one: set, value, and why. Checked from the other side
 * too: an exception that no longer differs fails the run.
 */
export const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'antminer-stock/s9-bad-temps': {
    temps: 'counts −83 °C, which a broken sensor reports, as a temperature',
  },
  'braiins/s9-bosminer+-0.2.0-docs': {
    fans: 'four connectors are listed; an S9 has two fans, and the others stand at 0 together',
  },
  'avalon/a1566-fw24102401': {
    fw_ver: "4.11.1 is cgminer's version; the firmware's own, in the same reply, is 24102401_…",
  },
  'hammer/d10-fw2023-05-28': {
    fans: 'the machine lists four turning fans (fan_num 4); the source counts two for this model',
  },
  'multminer/m1': {
    hashrate_hs: MULTMINER,
    hashrate_ths: MULTMINER,
  },
};
