/**
 * The 64 pictures of the comparison that both screens show: all of Unicode 9 or older, one code
 * point each, told apart by shape and not by colour alone. Rules: CP. The order is frozen.
 */

export interface Emoji {
  readonly symbol: string
  readonly name: string
}

const table = `
🐙 octopus|🌵 cactus|🎈 balloon|🚲 bicycle|🐘 elephant|🍋 lemon|🔑 key|⛵ sailboat
🦋 butterfly|🍄 mushroom|🎸 guitar|🚀 rocket|🐢 turtle|🍓 strawberry|🔔 bell|🚂 train
🐧 penguin|🌽 corn|🎩 hat|🏠 house|🐝 bee|🍕 pizza|📷 camera|🚁 helicopter
🦉 owl|🍍 pineapple|🎁 gift|⚓ anchor|🐟 fish|🍌 banana|📚 books|🌈 rainbow
🐌 snail|🥕 carrot|🎲 dice|🌙 moon|🦀 crab|🍇 grapes|🔨 hammer|🌻 sunflower
🐪 camel|🍩 doughnut|🎺 trumpet|🚜 tractor|🐇 rabbit|🍒 cherries|💡 light bulb|🌴 palm tree
🐬 dolphin|🥜 peanut|🥁 drum|⭐ star|🐓 rooster|🧀 cheese|🎀 ribbon|🍁 leaf
🦊 fox|🍉 watermelon|🎻 violin|🔥 fire|🐸 frog|🍦 ice cream|🏆 trophy|⏰ clock`

/** Drawn with six bits each. */
export const emojiTable: readonly Emoji[] = table
  .trim()
  .split(/[|\n]/)
  .map((cell) => ({
    symbol: cell.slice(0, cell.indexOf(' ')),
    name: cell.slice(cell.indexOf(' ') + 1),
  }))
