/** The 2048 words of pairing codes, in a frozen order (rule CD1): made for this project. */
export const words: readonly string[] = `
ability aboard abridge abroad absolute abstract academy acclaim account achieve acorn acoustic
acrobat acrylic action actor actual adapt address adjust admire adobe advance adverb advice aerial
aerosol affirm afresh again agenda agile aglow agree ahead airfield airline airport album alcove
alert algae algebra alias alike alloy almanac almond aloft alpaca alphabet alpine altitude alto
always amaze amber ambient amethyst amplify amulet amuse anagram ancestor anchor android anecdote
angle animal annex anorak answer antenna anthem antique antler anvil anyone apple approve apricot
apron aquarium aqueduct arcade archive arctic arena aria armchair aroma around arrange arrive
arrow artist artwork ascend ashore aside asleep aspen aspire asteroid athlete atlas atom attach
attic attract auburn audio august aura aurora author autumn avenue aviator avocado awake award
awesome awning axis axle azalea azure baboon backpack bacon badge bagel baggage bagpipe bakery
balance balcony balloon balsam bamboo banana bandanna banjo banknote banner banquet barbecue
barefoot bargain barista barley barn barrel barter basalt baseball bashful basket bassoon bathtub
battery beagle beaker bean beard beauty beckon bedrock bedtime beehive beetle befriend begonia
behave believe bell belong beluga bench benefit beret beverage beyond bicycle binary binder
biology biplane birch bird birthday biscuit bison blanket blazer blend blimp blink bliss blizzard
bloom blossom blouse bluebell boat bobbin bobcat bobsled boiler bolster bonfire bongo bonnet
bonsai bonus bookmark boost booth botany bottle bounce bouquet boutique bowl boxcar bracelet
bramble brass brave breeze brick brief bright brisket broccoli bronze brook brother brownie brush
bubble bucket buddy budget buffalo bugle bulb bulldog bundle bungalow burger burlap burrow bushel
bustle busy butler button buzzer cabaret cabbage cabin cactus cadence cake calcium calendar calico
camel campfire canal candle canister canopy canteen canyon capsule captain caravan carbon cardigan
career cargo caribou carnival carousel carpet carve cascade cashew castle casual category catfish
catnip cavalier cavern caviar cedar celery cello cement center ceramic chair chalk champion
channel chapter charm chase cheddar cheese chef cherish chess chevron chicken child chipmunk chirp
chisel chive choice choose chorus chowder chrome chuckle chunky churn chutney cinch cinema
cinnamon circle citadel citizen citrus city clamp clarity classic clay clear clerk click client
cliff climb clip cloak clone cloud clover clue clumsy clutch coach coast cobalt cobbler cobweb
coconut coffee coin collect color column combine comedy comfort comic command compass concert
condor confetti conifer contest cooking copper copy coral corduroy corner corridor costume cotton
cougar country coupon courier cousin cowboy coyote crab cracker cradle craft craggy crane crater
crayon cream credit crescent cricket crimson crinkle crisp crocus crop crossbar crouton crown
cruise crunch crust crystal cube cuckoo cuddle cuff cuisine culture cupboard cupcake curator
curious curly cursor curtain cushion custard cutlery cycle cylinder cypress dabble daffodil dahlia
dainty daisy dance dapper daring daybreak daydream daylight daytime dazzle decade decimal decorate
degree delicate delta deluxe denim derby design dessert detail detour develop device dewdrop
diagram dial diamond diary digest digital dignity dimple dingo dinner dinosaur diploma discover
dish display distance dock document dodge doghouse dogwood dollar dolphin dome domino donate
donkey doorbell dormouse double doughnut dovetail downy dozen dragon drama drawing drift drill
drink driveway drizzle drone droplet drummer dryer duchess duckling duke dumpling dusk dustpan
duvet dynamo eager early earring earth easel eastern echo eclipse ecology economy edible editor
educate eggplant eggshell elastic elbow electric elephant eleven elixir email embark emblem
embrace emerald emotion empathy employ emporium enamel enchant encore endeavor endless energy
engage engine engrave enigma enjoy enlarge enormous enrich enroll entrance entwine envelope epic
epilogue episode equator equinox eraser errand escape essay essence estate evening exact example
excel exchange excite exclaim exercise exhale exhibit exit exotic expand expert explore express
extend extra eyebrow eyelash eyesight fable fabric fabulous facade factory fairway falcon family
famous fancy fanfare fantasy faraway farewell farmer fashion faucet feast feather felt fence
fennel fern ferret festival fetch fiber fiction fiddle field fiesta fifteen figure film filter
final finger finish firewood first fishbowl fixture fizzy flagpole flake flamingo flannel flask
flatter flavor fleece flexible flicker flight flint flipper float flock floor florist fluent
fluffy fluid flute foam focus foggy foil folder foliage folklore fondue font football forecast
fork formula fortune forum forward fossil foundry fourteen foxglove fraction fragrant frame
freckle freeway friend fringe frog frolic frontier frosty froth frozen fruit furnace fusion future
gadget galaxy gallery galore game gamma gander garage garden garlic garment garnet gateway gather
gauze gazelle gearbox gecko gelatin gemstone genius gentle genuine geology geometry geranium
gerbil gesture getaway geyser giant gigantic giggle giraffe glacier gladly glance glass glaze
gleam gleeful glimmer glitter globe glory glossary gnome goal goblet golden golf gondola goodbye
goose gopher gorge gorilla gosling gourmet graduate grain grammar granola grape grateful gravity
green griddle grip grizzly grocery grotto group grove growth guide guitar gully gumball guppy
gusto gymnast habitat haddock haiku haircut halfway halibut halogen hammock hamper hamster handbag
hanger happy harbor hardware harmony harness harvest hawk haystack hazelnut headline heart heavy
hedgehog heirloom helium helmet helper herald herbal heritage hermit heron herring hexagon hickory
hideaway hiking hilltop hinge hippo history hockey holiday holly homework honeybee honor hook
hopeful horizon hornet horse hound hover hubcap human hummus humor hundred hurdle hurry husky
hybrid hydrant hyphen iceberg icicle icing icon ideal identity idiom igloo ignite iguana illusion
imagine imitate immense import improve index indigo indoor industry infinite inherit initial
inkling inkwell inlet insect inside inspire instant insulate internet intrepid inventor invite
ironing island italic ivory jackal jaguar jalopy janitor jasmine jasper jaunty javelin jazzy jelly
jersey jester jigsaw jogging joint joker journal joyful joyous joystick jubilee juicy jukebox
jumble jumper junction jungle juniper kangaroo karate kayak kebab keen keepsake kelp ketchup
kettle keyboard keyhole keynote keypad kickoff kiln kilogram kimono kindness kingdom kiosk kitchen
kite kiwi knack knapsack knee knitting knob knuckle koala lacrosse ladder ladle ladybird lagoon
lamppost landmark language lantern lapel laptop large lark laser lasso latch latte laughter launch
laurel lava lavender lawn layout leader leaflet league leapfrog learn lectern ledger legacy legend
legume leisure lemonade length lens leopard lettuce level library licorice lifeboat lift lighter
lilac lily limerick limit linden linear linguist lioness lipstick liquid listen little lizard
llama load lobby lobster local locust lofty logbook logic lollipop lookout loop lotion lotus
lounge lovely loyalty lozenge lucid lucky luggage lullaby luminous lunar luncheon luster luxury
lyric macaroni machine magenta magical magnolia magpie mahogany mailbox mainland majestic makeover
mallet mammoth manager mandarin mango mansion mantle manual maple marathon marble margin marina
market marmot maroon marsh marzipan mascot mask massive matchbox material mattress maverick
maximum meadow meander measure meatball mechanic medium medley melody member memory menu merchant
merge merit mermaid merry mesh message metaphor meteor method metric midday midnight mighty
migrate mileage milky million mimic mimosa mindful mineral mingle minibus minnow minstrel minute
mirage mirror misty mitten mixer mobile mocha module moisture molasses molecule moment monarch
money mongoose monitor monorail monsoon monthly monument moonbeam morning morsel mosaic motel
mother motor motto mountain mouse mouthful movement movie muffin mulberry mulch multiply mural
murmur museum mushroom music mustang mutual mystery mythical nachos napkin nature nautical
navigate nearby nebula necklace nectar needle neighbor nephew nest network neutral newborn
newsreel newton nibble niece nifty ninety noble nomad noodle noon north nostril notch notebook
notice nourish novelty nozzle nudge nugget number nursery nutmeg nutshell nylon oasis oatmeal
oblong oboe observe obsidian ocean ocelot octagon odometer offbeat offer office offshore okra
olive omnivore onion online onlooker onward open opera opinion option orange orbit orchid order
oregano organic origin oriole ornament ostrich otter outback outcome outdoor outfield outgoing
outing outline outpost outside outward oval ovation overlook owner oxbow oxygen oyster ozone
pacific package padlock pageant painting pajamas palace palm pamphlet pancake panda panel panorama
pansy papaya paper paprika parade parcel parent parking parlor parrot parsley party passion pastry
pathway patio patrol pattern pavilion payment peach peanut pearl pebble pecan pedestal pelican
pencil pendulum penguin pentagon peony people pepper percent perfect period perky person petal
petunia pewter phoenix photo phrase physics piano piccolo pickle picnic picture pigeon pigment
pigtail pillow pinball pinecone pink pinnacle pinpoint pinwheel pioneer pipeline pivot pixel pizza
placard planet plaster platinum playful plaza please pledge plenty pliers plot plunge plush
plywood pocket podium poem poetry pointer poised polite polka pollen polygon pompom poncho pond
ponytail pool popcorn poplar poppy porridge portrait position postcard potato pottery pouch powder
practice prairie prance precise predict preface prelude premium pretzel preview pride primrose
princess priority prism prodigy profile program promise pronoun propel prosper protect proud
proverb prudent prune publish pudding pulley pulse puma pumpkin punctual pupil purchase pure
purple puzzle pyramid python quail quality quantum quarter queen quench query question quick quilt
quintet quirky quiver quiz quote rabbit raccoon racket radar radish ragtime railway rainbow raisin
rally ranch random rapid rattle ravine razor react ready realm reason rebuild recipe recline
recover recycle redwood referee refine refresh reindeer rejoice relay relish remember remote renew
repair repeat reply reporter reptile rescue research respect restore return reunion reveal revolve
reward rewind rhino rhubarb rhyme ribbon rice rickshaw ridge rinse ripple river roadside robin
robot robust rodeo romance rooftop rookie roomy rooster rope rosebud rotate routine rowing royal
rubber ruby rucksack rudder ruler runner runway rustic saddle safari safely saffron saga sailor
salmon salsa salty salute sample sandwich sapling sapphire sardine satchel satin saucer sauna
sausage savory sawdust scallop scamper scan scarlet scatter scenic schedule school science
scissors scone scooter scramble screen scribble scroll sculptor seafood seagull seahorse seaport
search seashell seaweed second secret section secure sedan seedling seesaw segment select semester
senior sensible sequence serenade series service sesame seven shadow shake shallow shamrock shawl
sheep shelter shepherd sherbet shield shine shipyard shiver shoebox shop short shoulder shovel
shower shrimp shrug shuttle sibling sidewalk signal silent silicon silly silo silver sincere
sister sixteen sizzle skate sketch skewer skillet skipper skirt skylark slant sled sleeve slender
slide slogan slope sloth slowly slumber small smart smile smock smooth snail snapshot snippet
snooze snorkel snout snowman snuggle soccer social sofa softball solar solid solution solve
sombrero someone sonata songbird sonic soprano sorbet soup southern soybean space spaniel sparrow
spatula speaker special speech spelling sphere spider spinach spiral splash splendid split sponge
spoon spotted spray spread spring sprout spruce spyglass square squeeze squid stable stack stadium
staff stage stamp stanza stapler starfish station steady stellar stem stencil stereo steward
sticker still stitch stocking stopper story stove straw stream stripe strong strudel student
sturdy sublime subtitle suburb subway success suffix sugar suitcase summer sunburst sundial
sunlight sunny sunrise sunset superb surface surname surprise survey sushi swap sweater swift
swimmer swing swivel swoop sycamore syllabus symmetry symphony syntax syrup system tabby tablet
taco tadpole talent talk tandem tanker tapestry target tartan tassel tasty taxicab teacup teal
teamwork teapot teaspoon teddy teenage telegram tempo tender tennis tent tepid terrace tether
texture thankful thatch theater theme theory thermal thimble thirty thistle thousand thread thrift
thumb thunder tiara ticket tidal tiger tightly tile timber timeless tinsel tiny tiptoe tissue
toaster toboggan today toddler together toggle tomato tomorrow tongue tonight toolbox topaz
topiary topple topsoil torch tortoise toucan tourist tower township tractor trader traffic trail
tramway tranquil trapeze travel tray treasure treble treetop trellis trendy triangle tribute
tricycle trilogy trim trinket tripod triumph trivia trolley trombone tropical trousers trowel
truffle trumpet trunk truth tuba tugboat tuition tulip tumbler tundra tune tunic tunnel turbine
turkey turnip turret turtle tutor tuxedo twang tweak tweed twelve twenty twice twig twilight
twinkle twirl twist tycoon typeface ukulele umbrella umpire uncle uncover unfold unicorn uniform
unique unison unit universe unlock unpack unravel unveil unwind unwrap upbeat update upgrade
uphill upkeep uplift upload upright upside upstairs uptown upward urban urchin usable useful usher
usual utensil utility utmost vacation vacuum valiant valley valve vanilla vapor variety varnish
vase vault vector vehicle velocity velvet venture veranda verb verify vertical vessel viaduct
vibrant victory video viewer vigor village vineyard vintage vinyl violin virtue visitor vista
visual vitality vivid voice volcano voltage volume vowel voyage wafer waffle wagon waiter walkway
wallaby walnut walrus waltz warbler wardrobe warmth washer watchful waterway weaver website wedge
weekend welcome welder western wharf wheat wheel whimsy whisper white wicker widget width wildcat
window winter wireless wisdom wise wispy wistful witty wobble wombat wonder woodland woolen
wording workshop world worthy woven wrangle wreath wrench wrist yacht yearbook yellow yodel yoga
yogurt young youth yummy zebra zenith zephyr zero zesty zigzag zinc zinnia zipper zither zoology
zoom zucchini`
  .trim()
  .split(/\s+/)
