/**
 * Expected values that are not right, one by one: set, value, and why. Checked from the other side
 * too: an exception that no longer differs fails the run.
 */
export const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'antminer-stock/s9-bad-temps': {
    temps: 'counts −83 °C, which a broken sensor reports, as a temperature',
  },
  'avalon/a1566-fw24102401': {
    fw_ver: "4.11.1 is cgminer's version; the firmware's own, in the same reply, is 24102401_…",
  },
  'hammer/d10-fw2023-05-28': {
    fans: 'the machine lists four turning fans (fan_num 4); the source counts two for this model',
  },
};
