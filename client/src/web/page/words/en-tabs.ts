/** Tabs and windows of one browser, how a session is shown in each, and what changes go over. */
import { countIn } from './plural.ts'

const count = countIn('en')

export const channels = {
  title: 'What changes go over',
  used: 'used now',
  sealed: 'sealed',
  open: 'not sealed: it stays in this browser',
  down: 'down',
  nothing: 'nothing yet',
  last: (when: string) => `last ${when}`,
  tabs: (tabs: number) =>
    count(tabs, 'tab of this browser shows this device.', 'tabs of this browser show this device.'),
  types: {
    broadcast: 'Other tabs, by broadcast',
    storage: 'Other tabs, by the storage',
    indexeddb: 'The store of this device',
    websocket: 'The service where devices meet; no session goes over it',
    webrtc: 'Other devices, directly',
  },
}

export const shown = {
  titles: {
    popup: 'How it is shown in the popup',
    tab: 'How it is shown in a tab',
    sidepanel: 'How it is shown in the side panel',
    mobile: 'How it is shown on a phone',
    desktop: 'How it is shown as an app',
    headless: 'How it is shown here',
  },
  size: 'Size of the text',
  sizes: { small: 'Small', normal: 'Normal', large: 'Large', larger: 'Larger' },
  others: 'The other sessions',
  beside: 'Beside it',
  notHere: 'Not here',
}

export const preferred = {
  unsaid: 'What I have written and not said',
  keep: 'Keep it',
  keepNote: 'Sealed on this device, also through a crash.',
  forget: 'Forget it with the page',
  frequency: 'While I look elsewhere, write down what is gathered',
  every: (seconds: number) => `Every ${count(seconds, 'second', 'seconds')}`,
  elsewhere: 'When something comes while no tab is in front',
  tell: 'Tell me',
  tellNote: 'That it came, never what it says.',
  silent: 'Say nothing',
  refused: 'The browser said no. It can be allowed in its settings of this page.',
  received: 'A session came from another of your devices.',
  asked: 'A request to hand a session over stands there for you.',
}
