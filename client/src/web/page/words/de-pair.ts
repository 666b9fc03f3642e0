/** Koppeln, das Feld für einen Code, und die Kamera. */
import type { Words } from './words.ts'

export const pair: Words['pair'] = {
  title: 'Mit einem Gerät koppeln',
  intro:
    'Starte auf dem anderen Gerät `npm start` oder `baton pair` und tippe den Code ein, den es zeigt. Er gilt einmal, zehn Minuten lang.',
  show: 'Stattdessen hier einen Code zeigen',
  scan: 'QR-Code scannen',
  paired: (name) => `Gekoppelt mit ${name}`,
  pictures: 'Bilder',
  samePictures: (name) =>
    `${name} zeigt dieselben Bilder. Andere bedeuten, dass jemand dazwischen ist.`,
  sure: (name) =>
    `Sag nur ja, wenn du ${name} vor dir hast: es wird eines deiner Geräte und lernt die anderen kennen.`,
  no: 'Nein',
  same: 'Sie sind gleich',
  handIt: (self) =>
    `Gib ihr von dort eine Sitzung: \`baton send --to ${self}\`. Sie öffnet sich hier, sobald sie da ist.`,
  waiting: 'Wartet auf eine Sitzung',
  cancel: 'Abbrechen',
  there: 'Starte auf dem anderen Gerät `baton pair --join` und tippe',
  until: (time) => `Er gilt einmal, bis ${time}.`,
  copy: 'Kopieren',
  asQr: 'Als QR-Code, für ein Telefon',
  qr: 'QR-Code dieser Seite mit dem Code',
  ownMachine:
    'Die Adresse dieser Seite gilt nur auf diesem Rechner: ein Telefon kann sie nur öffnen, wo Baton über https läuft.',
  stages: {
    begun: 'Fragt den Dienst',
    code: 'Wartet auf das andere Gerät',
    waiting: 'Wartet auf das andere Gerät',
    claimed: 'Das andere Gerät ist da',
    released: 'Es ist wieder weg; der Code gilt noch',
    proving: 'Prüft den Code',
    check: 'Zeigen beide diese Bilder?',
    connecting: 'Verbindet',
    paired: '',
    failed: '',
  },
  field: 'Code des anderen Geräts',
  pair: 'Koppeln',
  whole: 'Das ist ein ganzer Code.',
}

export const camera: Words['camera'] = {
  label: 'Was die Kamera sieht',
  hold: 'Halte den QR-Code des anderen Geräts ins Bild.',
  foreign: 'Dieser QR-Code ist keiner von Baton.',
  close: 'Kamera schließen',
  back: 'Zurück',
  denied: 'Diese Seite darf die Kamera nicht benutzen',
  deniedHelp:
    'Erlaube es neben der Adresse dieser Seite, in den Einstellungen des Browsers, oder tippe den Code',
  none: 'Hier ist keine Kamera',
  noneHelp: 'Tippe den Code',
  busy: 'Die Kamera startet nicht',
  busyHelp: 'Schließe, was sie sonst benutzt, und versuche es noch einmal, oder tippe den Code',
  unable: 'Dieser Browser gibt dieser Seite keine Kamera',
}
