/** Sessions, and what is read and written in one. */
import { countIn } from './plural.ts'

const count = countIn('en')

export const sessions = {
  title: 'Sessions',
  begin: 'Begin one',
  find: 'Find a session',
  findBy: 'Find by title, project or device',
  none: 'No session is called like that.',
  beginTitle: 'Begin a session',
  about: 'What it is about',
  beginNote:
    'This page holds it. Handed over to a device with an agent, that one goes on with it there.',
  beginNow: 'Begin',
  untitled: 'A session without a title',
  from: (name: string) => `from ${name}`,
  records: (n: number) => count(n, 'record', 'records'),
  branches: (n: number) => `${count(n, 'branch', 'branches')} beside it`,
  empty: 'This page is one of your devices. It holds no session yet, and knows no other device.',
  pairIt: 'Pair it by a code',
  pairedWith: (names: string, first: string) =>
    `Paired with ${names}. Nothing is handed over by itself: on ${first} run`,
  choose: 'and choose a session. It opens here as soon as all of it has come and is verified.',
}

export const session = {
  untitled: 'Session',
  all: 'All sessions',
  branch: (name: string) => `branch ${name}`,
  reading: 'reading',
  messages: (n: number) => count(n, 'message', 'messages'),
  bookkeeping: (n: number) => `show ${count(n, 'bookkeeping record', 'bookkeeping records')}`,
  details: 'Details',
  toLookAt: ' to look at',
  latest: 'Latest',
  noResult: 'no result',
  lines: (n: number) => count(n, 'line', 'lines'),
  calls: {
    proposed: 'wants to run',
    approved: 'begins',
    running: 'runs',
    error: 'failed',
    cancelled: 'called off',
    unknown: 'nobody saw how it ended',
  },
  states: {
    open: 'being said',
    interrupted: 'broken off',
    retracted: 'taken back',
    missing: 'a part of it is missing',
    different: 'not as its author signed it',
  },
  names: {
    user: 'You',
    assistant: 'Agent',
    tool: 'Tool',
    result: 'Result',
    system: 'System',
    other: 'Bookkeeping',
  },
}

export const composer = {
  whoever: 'whoever holds it',
  inbox: 'In the inbox',
  waitsFor: (name: string) => `waits for ${name}`,
  takeUp: 'Take it up',
  yours: 'Your message',
  forInbox: (name: string) => `For the inbox of ${name}`,
  say: 'Say something',
  leave: (name: string) => `Leave word for ${name}`,
  sayIt: 'Say it',
  leaveIt: 'Leave it',
}
