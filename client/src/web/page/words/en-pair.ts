/** Pairing, the field for a code, and the camera. */
export const pair = {
  title: 'Pair with a device',
  intro:
    'On the other device run `npm start` or `baton pair` and type the code that it shows. It works once, for ten minutes.',
  show: 'Show a code here instead',
  scan: 'Scan a QR code',
  paired: (name: string) => `Paired with ${name}`,
  pictures: 'Pictures',
  samePictures: (name: string) =>
    `${name} shows the same pictures. Others mean that somebody is in between.`,
  sure: (name: string) =>
    `Say yes only if you have ${name} before you: it becomes one of your devices, and gets to know the others.`,
  no: 'No',
  same: 'They are the same',
  handIt: (self: string) =>
    `Hand it a session from there: \`baton send --to ${self}\`. It opens here when it has come.`,
  waiting: 'Waiting for a session',
  cancel: 'Cancel',
  there: 'On the other device run `baton pair --join` and type',
  until: (time: string) => `It works once, until ${time}.`,
  copy: 'Copy',
  asQr: 'As a QR code, for a phone',
  qr: 'QR code of this page and the code',
  ownMachine:
    'The address of this page is of this machine alone: a phone can open it only where Baton is served by https.',
  stages: {
    begun: 'Asking the service',
    code: 'Waiting for the other device',
    waiting: 'Waiting for the other device',
    claimed: 'The other device is there',
    released: 'It went away; the code still works',
    proving: 'Checking the code',
    check: 'Do both show these?',
    connecting: 'Connecting',
    paired: '',
    failed: '',
  },
  field: 'Code of the other device',
  pair: 'Pair',
  whole: 'That is a whole code.',
}

export const camera = {
  label: 'What the camera sees',
  hold: 'Hold the QR code of the other device into the picture.',
  foreign: 'That QR code is not one of Baton.',
  close: 'Close the camera',
  back: 'Back',
  denied: 'this page may not use the camera',
  deniedHelp:
    'allow it beside the address of this page, in the settings of the browser, or type the code',
  none: 'there is no camera here',
  noneHelp: 'type the code',
  busy: 'the camera does not start',
  busyHelp: 'close what else uses it, then try again, or type the code',
  unable: 'this browser gives no camera to this page',
}
