/** What every screen has around it, and what stands where there is no screen. */
export const frame = {
  notLoaded: 'This screen could not be loaded: reload the page',
  skip: 'Skip to the content',
  screens: { sessions: 'Sessions', devices: 'Devices', pair: 'Pair', settings: 'Settings' },
  screensLabel: 'Screens',
  connected: (some: number, all: number) => `${some} of ${all} connected`,
  notPaired: 'not paired',
  offline: 'offline',
  looking: 'looking for your devices',
  putAway: 'Put away',
  wait: 'Looking',
  cancel: 'Cancel',
  thisPage: 'this page',
  goneDevice: 'a device that is gone',
  unexpected: 'an unexpected error',
}

export const start = {
  opening: 'Opening',
  lost: 'This page is no device any more',
  cannot: 'Baton cannot run in this browser',
  plain: 'This browser keeps its keys from pages on plain http',
  plainWhy: (host: string) =>
    `It gives keys, storage and a clock to pages on https or on this machine only, and this page came from ${host} by http.`,
  plainHelp:
    'What helps: open it on the machine where Baton runs; or start Baton there with `baton up --tls` and a certificate that this browser trusts; or reach it through a tunnel that ends here as localhost, or that brings https of its own.',
}

export const asks = {
  label: 'Requests',
  accept: 'Accept',
  decline: 'Decline',
  until: (time: string) => `It waits until ${time}.`,
  aSession: 'a session',
  named: (title: string) => `“${title}”`,
  goOn: (name: string) => `wants to go on with ${name}: it moves there.`,
  comes: (name: string) => `hands ${name} to this page.`,
  writes: (name: string) => `wants to write along in ${name}.`,
  lets: (name: string) => `lets this page write along in ${name}.`,
  reads: (name: string) => `wants to read along in ${name}.`,
  letsRead: (name: string) => `lets this page read along in ${name}.`,
}

export const settings = {
  title: 'Settings',
  language: 'Language',
  asBrowser: 'As the browser says',
  colours: 'Colours',
  system: 'As the system has them',
  light: 'Light',
  dark: 'Dark',
  app: 'As an app',
  appWhy: 'A window of its own, which also opens where there is no network.',
  install: 'Install',
  policy: 'When another device asks to hand a session over',
  ask: 'Ask me',
  askNote: 'Who is not answered hears so after five minutes.',
  always: 'Accept it',
  alwaysNote: 'Of every device that is paired.',
  never: 'Decline it',
  device: 'This device',
  key: 'Key',
  stored: (size: string) => `${size} stored`,
  most: (size: string) => `of ${size} that the browser allows`,
  kept: 'The browser keeps it until you remove it yourself.',
  notKept:
    'The browser may remove it when the disk is full. What other devices hold is not lost then, but this page would be a new device.',
  keep: 'Ask the browser to keep it',
  refused:
    'The browser said no. It says yes more readily to a page that is installed, or visited often.',
}
