/** Die Geräte, wie es um sie steht, und was gefragt wird, bevor sich an einem etwas ändert. */
import { countIn } from './plural.ts'
import type { Words } from './words.ts'

const count = countIn('de')

export const devices: Words['devices'] = {
  title: 'Geräte',
  another: 'Noch eines koppeln',
  member:
    'Diese Seite ist Mitglied: nur ein Admin unter deinen Geräten vergibt Rollen und entfernt Geräte.',
  alone: 'Diese Seite ist ein eigenes Gerät und kennt noch kein anderes.',
  pairIt: 'Mit einem koppeln',
  roles: { admin: 'Admin', member: 'Mitglied', observer: 'Beobachter' },
  introduced: 'vorgestellt',
  guest: 'Gast',
  since: (when) => `dabei seit: ${when}`,
  lastSeen: (when) => `zuletzt da: ${when}`,
  key: 'Schlüssel',
  rename: 'Umbenennen',
  role: 'Rolle',
  ofName: (name) => ` von ${name}`,
  remove: 'Entfernen',
  watches: (sessions) => `dort sieht jemand ${count(sessions, 'Sitzung', 'Sitzungen')} an`,
  writes: 'dort wird eine Nachricht geschrieben',
  states: {
    self: 'diese Seite',
    connected: 'verbunden',
    connecting: 'verbindet',
    waiting: 'wartet',
    offline: 'offline',
    removed: 'entfernt',
  },
  paths: { direct: 'direkt', relayed: 'über ein Relais' },
  renameTitle: (name) => `${name} umbenennen`,
  renameField: 'Sein Name, auf allen deinen Geräten',
  removeTitle: (name) => `${name} entfernen?`,
  removeWhat:
    'Für ein Gerät, das verloren, gestohlen oder verschenkt ist, und endgültig: keines deiner Geräte verbindet sich mehr mit ihm, und was es schrieb und diese Seite nicht hat, zählt nirgends.',
  removeKeeps: 'Was es schon hat, behält es. Koppeln lässt es sich nur als neues Gerät.',
  removeNow: 'Endgültig entfernen',
  keepIt: 'Behalten',
  roleTitle: (name) => `Was ${name} darf`,
  admin: 'Admin',
  adminNote: 'Nimmt Geräte auf, vergibt Rollen und entfernt jedes.',
  memberRole: 'Mitglied',
  memberNote: 'Nimmt Geräte auf und schreibt, wo es darf.',
  observer: 'Beobachter',
  observerNote: 'Liest nur: was er schreibt, zählt nirgends.',
  lastAdmin: 'Dann kann nur ein anderer Admin diese Seite wieder dazu machen.',
  letIt: 'So soll es sein',
}
