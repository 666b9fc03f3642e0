/** Was um eine Sitzung herum steht, und was damit geschieht. */
import { countIn } from './plural.ts'
import type { Words } from './words.ts'

const count = countIn('de')

export const about: Words['about'] = {
  back: 'Zurück zur Sitzung',
  none: 'Diese Seite hat keine solche Sitzung.',
  heldBy: (name) => `gehalten von ${name}`,
  changed: (when) => `geändert: ${when}`,
  sharedWith: (names) => `geteilt mit ${names}`,
  by: (name) => `von ${name}`,
  digest: 'Prüfsumme über alles, was diese Seite davon hat',
  digestWhy: ': dieselbe, wo ein anderes Gerät dasselbe hat.',
  branches: 'Zweige',
  requests: 'Anfragen',
  request: (kind, from, to) => `${kind} von ${from} an ${to}`,
  kinds: { transfer: 'Umzug', mirror: 'Mitschreiben', observe: 'Mitlesen' },
  waitsForYou: 'wartet auf dich',
  states: {
    pending: 'wartet auf Antwort',
    accepted: 'unterwegs',
    active: 'erledigt',
    declined: 'abgelehnt',
    expired: 'niemand hat geantwortet',
    cancelled: 'abgesagt',
    failed: 'gescheitert',
  },
  askedBy: (name, when) => `gefragt von ${name}, ${when}`,
  callOff: 'Absagen',
}

export const beside: Words['beside'] = {
  title: 'Neben dem Verlauf gesagt',
  what: 'So wie es steht, zählt es in keinem Verlauf. Machst du damit weiter, wird es eine eigene Sitzung, mit dem Verlauf bis dahin, wo es abzweigte.',
  messagesOf: (n, name) => `${count(n, 'Nachricht', 'Nachrichten')} von ${name}`,
  goOn: 'Damit weitermachen',
  reasons: {
    fenced: 'gesagt, nachdem es losgelassen hatte',
    split: 'gesagt, während ein anderes Gerät sie übernahm',
    'not-holder': 'gesagt, ohne sie zu halten',
  },
}

export const conflicts: Words['conflicts'] = {
  title: 'Konflikte',
  what: 'Zwei Geräte schrieben das, ohne voneinander zu wissen. Was du wählst, gilt auf jedem Gerät.',
  meanwhile: 'solange gezeigt',
  use: 'Das nehmen',
  another: 'Etwas anderes schreiben',
  own: 'Anderer Wert',
  deleted: '(gelöscht)',
  strategies: {
    timestamp: 'solange gilt das Neueste',
    merge: 'solange zusammengeführt',
    manual: 'von Hand zu klären',
    user_choice: 'eine Seite ist zu wählen',
  },
}

export const hidden: Words['hidden'] = {
  title: 'Was nicht zählt',
  taken: 'übernommen',
  adopt: 'Zählen lassen, als von dieser Seite gesagt',
  more: (n) => `und ${n} weitere`,
  adoptAll: 'Alles davon zählen lassen',
  reasons: {
    revoked: 'sein Gerät wurde entfernt',
    observer: 'sein Gerät liest nur',
    forked: 'sein Gerät lief zweimal aus einer Kopie',
  },
}

export const receipts: Words['receipts'] = {
  title: 'Quittungen',
  none: 'Noch keine: eine entsteht, wenn sie umzieht oder eine Kopie weitergegeben wird.',
  way: (from, to) => `Von ${from} an ${to}`,
  both: 'von beiden unterschrieben',
  one: 'von einem unterschrieben',
  digest: 'Prüfsumme',
  epoch: (n) => `dort gehalten ab Epoche ${n}`,
  extended: 'ihr Verlauf geht damit weiter',
  beside: 'steht neben dem Verlauf',
  unplaced: 'dort aufgehoben, nicht eingesetzt',
  reading: 'dort zum Lesen aufgehoben',
  placed: 'für ihren Agenten eingesetzt',
}

export const holding: Words['holding'] = {
  label: 'Wer sie hält',
  handOver: 'Übergeben',
  take: 'Hierher holen',
  askWrite: 'Um Mitschreiben bitten',
  split:
    'Mögliche Spaltung: das Gerät, das sie hielt, wurde nicht gefragt. Was es inzwischen schrieb, wird neben dem Verlauf stehen.',
  onItsWay: (name) => `Sie ist unterwegs zu ${name}.`,
  nobody: 'Niemand hier weiß, wer sie hält.',
  here: 'Diese Seite hält sie.',
  holds: (name) => `${name} hält sie.`,
  alone:
    'Sie lässt sich ohne Frage übernehmen. Hat das andere Gerät weitergeschrieben, steht das neben dem Verlauf, und du wählst.',
  takeAlone: 'Ohne Frage übernehmen',
  putAway: 'Weglegen',
  other: 'das andere Gerät',
  asking: (name) => `Fragt ${name}`,
  waiting: (name) => `Wartet auf ${name}`,
  accepted: (name) => `${name} hat zugestimmt`.replace(/^das/, 'Das'),
  open: 'Ihr Agent hat sie dort offen: sie geht über, sobald er geschlossen ist',
  carrying: 'Wartet, bis dort alles auf der Platte ist',
  signed: 'Überschrieben',
  writes: (name) => `${name} schreibt mit`,
  youWrite: 'Du schreibst mit',
  reads: (name) => `${name} liest mit`,
  holdsNow: (name) => `${name} hält sie jetzt`,
  hereNow: 'Sie ist jetzt hier',
  after: (time) => `, nach ${time}`,
  to: 'An',
  how: 'Wie',
  move: 'Dorthin umziehen',
  moveNote: 'Das andere Gerät macht weiter, und diese Seite lässt los.',
  mirror: 'Mitschreiben lassen',
  mirrorNote: 'Sie bleibt hier; was das andere sagt, wartet im Eingang.',
  observe: 'Mitlesen lassen',
  observeNote: 'Sie bleibt hier.',
}

export const copying: Words['copying'] = {
  label: 'Eine Kopie für ein anderes Gerät',
  what: 'Die Mitschrift eines Agenten: davon werden Kopien weitergegeben.',
  send: 'Kopie senden',
  note: 'Dort wird sie so eingesetzt, dass ihr Agent sie fortsetzen kann, wenn es ihn dort gibt.',
  sendIt: 'Senden',
  waiting: (name) => `Wartet, bis ${name} verbunden ist`,
  sending: (some, all, name) => `Sendet ${some} von ${all} an ${name}`,
  placing: (name) => `${name} setzt sie ein`,
  same: (name) => `${name} hat sie, gleich wie hier, und hat dafür unterschrieben`,
  differs: (name) => `${name} hat sie, und sie ist nicht gleich wie hier`,
  reading: 'Liest',
}
