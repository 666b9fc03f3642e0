/** Der Rahmen um jede Ansicht, und was dort steht, wo keine ist. */
import type { Words } from './words.ts'

export const frame: Words['frame'] = {
  notLoaded: 'Diese Ansicht ließ sich nicht laden: die Seite neu laden',
  skip: 'Zum Inhalt',
  screens: { sessions: 'Sitzungen', devices: 'Geräte', pair: 'Koppeln', settings: 'Optionen' },
  screensLabel: 'Ansichten',
  connected: (some, all) => `${some} von ${all} verbunden`,
  notPaired: 'ungekoppelt',
  offline: 'offline',
  looking: 'sucht deine Geräte',
  putAway: 'Weglegen',
  wait: 'Sieht nach',
  cancel: 'Abbrechen',
  thisPage: 'diese Seite',
  goneDevice: 'ein Gerät, das es nicht mehr gibt',
  unexpected: 'ein unerwarteter Fehler',
}

export const start: Words['start'] = {
  opening: 'Wird geöffnet',
  lost: 'Diese Seite ist kein Gerät mehr',
  cannot: 'Baton läuft in diesem Browser nicht',
  plain: 'Dieser Browser gibt Seiten über einfaches http keine Schlüssel',
  plainWhy: (host) =>
    `Schlüssel, Speicher und Uhr gibt er nur Seiten über https oder von diesem Rechner selbst, und diese kam von ${host} über http.`,
  plainHelp:
    'Was hilft: sie auf dem Rechner öffnen, auf dem Baton läuft; oder Baton dort mit `baton up --tls` starten und mit einem Zertifikat, dem dieser Browser traut; oder ein Tunnel, der hier als localhost endet oder selbst https mitbringt.',
}

export const asks: Words['asks'] = {
  label: 'Anfragen',
  accept: 'Annehmen',
  decline: 'Ablehnen',
  until: (time) => `Das wartet bis ${time}.`,
  aSession: 'eine Sitzung',
  named: (title) => `„${title}“`,
  goOn: (name) => `möchte mit ${name} weitermachen: dann zieht sie dorthin um.`,
  comes: (name) => `gibt ${name} an diese Seite.`,
  writes: (name) => `möchte in ${name} mitschreiben.`,
  lets: (name) => `lässt diese Seite in ${name} mitschreiben.`,
  reads: (name) => `möchte in ${name} mitlesen.`,
  letsRead: (name) => `lässt diese Seite in ${name} mitlesen.`,
}

export const settings: Words['settings'] = {
  title: 'Optionen',
  language: 'Sprache',
  asBrowser: 'Wie der Browser',
  colours: 'Farben',
  system: 'Wie das System',
  light: 'Hell',
  dark: 'Dunkel',
  app: 'Als App',
  appWhy: 'Ein eigenes Fenster, das sich auch ohne Netz öffnet.',
  install: 'Installieren',
  policy: 'Wenn ein anderes Gerät eine Sitzung übergeben möchte',
  ask: 'Mich fragen',
  askNote: 'Wer keine Antwort bekommt, erfährt das nach fünf Minuten.',
  always: 'Annehmen',
  alwaysNote: 'Von jedem gekoppelten Gerät.',
  never: 'Ablehnen',
  device: 'Dieses Gerät',
  key: 'Schlüssel',
  stored: (size) => `${size} gespeichert`,
  most: (size) => `von ${size}, die der Browser erlaubt`,
  kept: 'Der Browser behält es, bis du es selbst entfernst.',
  notKept:
    'Ist die Platte voll, darf der Browser es entfernen. Was andere Geräte haben, ist dann nicht verloren, aber diese Seite wäre ein neues Gerät.',
  keep: 'Den Browser bitten, es zu behalten',
  refused:
    'Der Browser hat abgelehnt. Eher stimmt er bei einer Seite zu, die installiert ist oder oft besucht wird.',
}
