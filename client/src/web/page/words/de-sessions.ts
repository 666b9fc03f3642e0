/** Sitzungen, und was in einer gelesen und geschrieben wird. */
import { countIn } from './plural.ts'
import type { Words } from './words.ts'

const count = countIn('de')

export const sessions: Words['sessions'] = {
  title: 'Sitzungen',
  begin: 'Neu beginnen',
  find: 'Eine Sitzung finden',
  findBy: 'Nach Titel, Projekt oder Gerät',
  none: 'So heißt keine Sitzung.',
  beginTitle: 'Eine Sitzung beginnen',
  about: 'Worum es geht',
  beginNote:
    'Diese Seite hält sie. Übergibst du sie einem Gerät mit einem Agenten, macht der dort weiter.',
  beginNow: 'Beginnen',
  untitled: 'Eine Sitzung ohne Titel',
  from: (name) => `von ${name}`,
  records: (n) => count(n, 'Eintrag', 'Einträge'),
  branches: (n) => `${count(n, 'Zweig', 'Zweige')} daneben`,
  empty:
    'Diese Seite ist eines deiner Geräte. Sie hat noch keine Sitzung und kennt kein anderes Gerät.',
  pairIt: 'Mit einem Code koppeln',
  pairedWith: (names, first) =>
    `Gekoppelt mit ${names}. Von selbst wird nichts übergeben: starte auf ${first}`,
  choose: 'und wähle eine Sitzung. Sie öffnet sich hier, sobald alles da und geprüft ist.',
}

export const session: Words['session'] = {
  untitled: 'Sitzung',
  all: 'Alle Sitzungen',
  branch: (name) => `Zweig ${name}`,
  reading: 'liest',
  messages: (n) => count(n, 'Nachricht', 'Nachrichten'),
  bookkeeping: (n) => `${count(n, 'Verwaltungseintrag', 'Verwaltungseinträge')} zeigen`,
  details: 'Details',
  toLookAt: ' zum Ansehen',
  latest: 'Neuestes',
  noResult: 'ohne Ergebnis',
  lines: (n) => count(n, 'Zeile', 'Zeilen'),
  calls: {
    proposed: 'möchte laufen',
    approved: 'beginnt',
    running: 'läuft',
    error: 'gescheitert',
    cancelled: 'abgesagt',
    unknown: 'niemand sah, wie es ausging',
  },
  states: {
    open: 'wird gerade gesagt',
    interrupted: 'abgebrochen',
    retracted: 'zurückgenommen',
    missing: 'ein Teil davon fehlt',
    different: 'nicht so, wie es unterschrieben ist',
  },
  names: {
    user: 'Du',
    assistant: 'Agent',
    tool: 'Werkzeug',
    result: 'Ergebnis',
    system: 'System',
    other: 'Verwaltung',
  },
}

export const composer: Words['composer'] = {
  whoever: 'wer sie hält',
  inbox: 'Im Eingang',
  waitsFor: (name) => `wartet auf ${name}`,
  takeUp: 'Aufnehmen',
  yours: 'Deine Nachricht',
  forInbox: (name) => `Für den Eingang von ${name}`,
  say: 'Sag etwas',
  leave: (name) => `Nachricht für ${name}`,
  sayIt: 'Sagen',
  leaveIt: 'Hinterlassen',
}
