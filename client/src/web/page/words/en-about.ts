/** What stands around a session, and what is done about it. */
import { countIn } from './plural.ts'

const count = countIn('en')

export const about = {
  back: 'Back to the session',
  none: 'This page holds no such session.',
  heldBy: (name: string) => `held by ${name}`,
  changed: (when: string) => `changed ${when}`,
  sharedWith: (names: string) => `shared with ${names}`,
  by: (name: string) => `by ${name}`,
  digest: 'Digest of all that this page holds of it',
  digestWhy: ': the same where another device holds the same.',
  branches: 'Branches',
  requests: 'Requests',
  request: (kind: string, from: string, to: string) => `${kind} from ${from} to ${to}`,
  kinds: { transfer: 'Move', mirror: 'Writing along', observe: 'Reading along' },
  waitsForYou: 'waits for you',
  states: {
    pending: 'waits for an answer',
    accepted: 'on its way',
    active: 'done',
    declined: 'declined',
    expired: 'nobody answered',
    cancelled: 'called off',
    failed: 'failed',
  },
  askedBy: (name: string, when: string) => `asked by ${name}, ${when}`,
  callOff: 'Call it off',
}

export const beside = {
  title: 'Said beside the history',
  what: 'It counts in no history as it stands. Going on with it makes a session of its own, with the history up to where it left.',
  messagesOf: (n: number, name: string) => `${count(n, 'message', 'messages')} of ${name}`,
  goOn: 'Go on with it',
  reasons: {
    fenced: 'said after it had let go',
    split: 'said while another device took it over',
    'not-holder': 'said without holding it',
  },
}

export const conflicts = {
  title: 'Conflicts',
  what: 'Two devices wrote these without seeing each other. What you choose is so on every device.',
  meanwhile: 'shown meanwhile',
  use: 'Use this',
  another: 'Write another',
  own: 'Another value',
  deleted: '(deleted)',
  strategies: {
    timestamp: 'the latest wins meanwhile',
    merge: 'merged meanwhile',
    manual: 'to be settled by hand',
    user_choice: 'one side to be chosen',
  },
}

export const hidden = {
  title: 'What does not count',
  taken: 'taken over',
  adopt: 'Let it count, as said by this page',
  more: (n: string) => `and ${n} more`,
  adoptAll: 'Let all of it count',
  reasons: {
    revoked: 'its device was removed',
    observer: 'its device only reads',
    forked: 'its device ran twice from one copy',
  },
}

export const receipts = {
  title: 'Receipts',
  none: 'None yet: a receipt is kept when it moves, or a copy of it is handed on.',
  way: (from: string, to: string) => `From ${from} to ${to}`,
  both: 'signed by both',
  one: 'signed by one',
  digest: 'Digest',
  epoch: (n: number) => `held there from epoch ${n} on`,
  extended: 'its history goes on with it',
  beside: 'it stands beside the history',
  unplaced: 'kept there, not placed',
  reading: 'kept there for reading',
  placed: 'placed for its agent',
}

export const holding = {
  label: 'Who holds it',
  handOver: 'Hand over',
  take: 'Take it here',
  askWrite: 'Ask to write along',
  split:
    'Possible split: the device that held it was not asked. What it wrote meanwhile will stand beside the history.',
  onItsWay: (name: string) => `It is on its way to ${name}.`,
  nobody: 'Nobody here knows who holds it.',
  here: 'This page holds it.',
  holds: (name: string) => `${name} holds it.`,
  alone:
    'It can be taken without asking. Should the other device have gone on, what it wrote will stand beside the history, and you choose.',
  takeAlone: 'Take it without asking',
  putAway: 'Put away',
  other: 'the other device',
  asking: (name: string) => `Asking ${name}`,
  waiting: (name: string) => `Waiting for ${name} to be there`,
  accepted: (name: string) => `${name} said yes`.replace(/^the/, 'The'),
  open: 'Its agent has it open there: it goes over once that is closed',
  carrying: 'Waiting until everything is on its disk',
  signed: 'Signed over',
  writes: (name: string) => `${name} writes along`,
  youWrite: 'You write along',
  reads: (name: string) => `${name} reads along`,
  holdsNow: (name: string) => `${name} holds it now`,
  hereNow: 'It is here now',
  after: (time: string) => `, after ${time}`,
  to: 'To',
  how: 'How',
  move: 'Move it there',
  moveNote: 'The other device goes on with it, and this page lets go.',
  mirror: 'Let it write along',
  mirrorNote: 'It stays here; what the other one says waits in the inbox.',
  observe: 'Let it read along',
  observeNote: 'It stays here.',
}

export const copying = {
  label: 'A copy for another device',
  what: 'A transcript of an agent: copies of it are handed on.',
  send: 'Send a copy',
  note: 'It is placed there so that its agent can resume it, where it has that agent.',
  sendIt: 'Send it',
  waiting: (name: string) => `Waiting for ${name} to connect`,
  sending: (some: string, all: string, name: string) => `Sending ${some} of ${all} to ${name}`,
  placing: (name: string) => `${name} puts it in its place`,
  same: (name: string) => `${name} has it, the same as here, and signed for it`,
  differs: (name: string) => `${name} has it, and it is not the same as here`,
  reading: 'Reading',
}
