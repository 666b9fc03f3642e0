/** Was eine Seite am Verbinden oder Behalten hindert, und was hilft. */
import type { Words } from './words.ts'

export const hindrance: Words['hindrance'] = {
  label: 'Was im Weg ist',
  webrtc:
    'WebRTC ist in diesem Browser abgeschaltet; diese Seite erreicht deshalb kein anderes Gerät. Was sie hat, lässt sich lesen. Schalte es in den Einstellungen des Browsers ein, oder in der Erweiterung, die es sperrt, und lade neu.',
  lnaDenied:
    'Diesem Browser wurde gesagt, diese Seite von den Geräten deines Netzes fernzuhalten. Erlaube neben der Adresse der Seite das lokale Netz und lade neu.',
  lnaPrompt:
    'Zu einem Gerät fand sich bisher kein Weg. Vielleicht hält dieser Browser die Seite von deinem Netz fern, bis es erlaubt ist: erlaube neben der Adresse der Seite das lokale Netz und lade neu.',
  clock: (off) =>
    `Die Uhr dieses Rechners geht um ${off} anders als die des Dienstes. Codes und Einladungen können abgelaufen scheinen, und Nachrichten stehen in falscher Folge: stelle die Uhr.`,
  full: 'Der Browser hat für diese Seite keinen Platz mehr: Neues kann nicht behalten werden. Was behalten ist, ist sicher. Schaffe Platz auf der Platte, oder entferne, was andere Seiten speichern.',
}
