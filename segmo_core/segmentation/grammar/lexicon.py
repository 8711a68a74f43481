"""The words the rules segmenter knows. Data only; how verbs are inflected is in verbs."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Verbs of motion captions, in base form. An unknown word can still be a verb by its position (verbs).
VERBS = _words(
    """
    accelerate acknowledge act adjust advance aim amble angle appear approach arc arch ascend assemble attach
    attempt avoid back bail balance bang bat be beat beckon become begin bench bend blink block blow bob boogie bounce
    bound bow bowl box brace brake break breakdance breathe bring brush buckle build bump bunny-hop bunt bury button
    call canter carry cartwheel cast catch celebrate center centre chain change charge chase chat check cheer chew
    chisel chop circle clap clasp claw clean clear clench click climb clip close clutch collapse comb come conduct
    continue cough counter cover cradle crawl creep cross crouch crumple cry cuddle curl curtsy curve cut dab dance
    dangle dart dash deadlift decelerate descend detach dial dig dip direct dismantle dive do dodge drag drape draw
    dribble drift drill drink drive drop duck dunk dust ease eat elbow embrace empty end enter escape examine
    execute exercise exhale exit extend face fail fake fall fan fasten feed feel feint fetch fiddle fidget fight
    finish fix flail flap flatten flee flex flick flinch flip float flutter fly fold follow freestyle freeze frown
    fumble gallop gaze gesture get give glance glide go grab grasp greet grin grind grip groom groove grope guard
    guide hail halt hammer hang haul have head headbang heave help hit hitch hobble hoist hold hook hop hover huddle
    hug hum hunch hurdle hurry hush imitate inch increase inhale inspect jab jerk jiggle jive jog join juggle jump
    keel keep kick kiss knead kneel knock krump land lash lassoo laugh lay lead lean leap leave lengthen let lick
    lie lift light limp listen load lob lock look loop loosen lope lose lower lug lumber lunge lurch make march
    massage meander measure meet mime mimic mix moonwalk mop motion mount move narrow nod nudge offer open
    outstretch pace paddle paint pantomime parry pass pat pause pedal peek peel peer perform pet pick pick-up
    pirouette pitch pivot place plait plant play plod pluck plunge point poke pop pose pound pour practice practise
    pray preform prepare press pretend proceed prod prop protect prowl pull pump punch push put putt quiver raise
    ram ramble reach read rear receive recoil recover reel relax release remain remove repeat replace reset rest
    resume retreat retrieve return reverse revolve ride ring rise roar rock roll rotate row rub run rush salute sand
    saunter saw scan scoop scowl scrape scratch scream screw scrub scurry seem send serve set sew shadow-box
    shadowbox shake shave shift shimmy shiver shoot shorten shove shovel show shrug shudder shuffle shut side-step
    sidestep sign signal sing sink sip sit skate skateboard ski skid skip slalom slap slash sled sleep slice slide
    slink slip slouch slow slump smack smash smell smile smoke snap sneak sneeze sniff snowboard soar sob spar speed
    spin spit splash sprawl spread spring sprinkle sprint square squat squeeze squint squirm stab stack stagger
    stalk stamp stand stare start stay steer step stick stir stitch stomp stoop stop straighten strap stretch stride
    strike stroke stroll strum strut stumble stutter-step suck surf swallow swap swat sway sweep swerve swim swing
    swipe switch swivel take talk tango tap tap-dance taste teeter tend text think thrash throw thrust thump tie
    tighten tilt tip-toe tiptoe topple toss touch trace traipse travel tread tremble trip trot trudge try tuck tug
    tumble turn tweak twerk twirl twist twitch type umpire uncross unfasten unfold unlock unscrew untie unzip
    uppercut use vault veer vibrate view vogue waddle wade wag wait wake walk waltz wander warm wash watch wave
    weave weep whip whisk whistle widen wiggle wind wink wipe wobble work wrap wrestle wriggle wring write yank yawn
    yell zigzag zip zombie-walk
    """
)

# A misspelt word is taken for one of these only; rarer verbs are too often mistaken for one another.
COMMON_VERBS = _words(
    """
    walk turn jump run raise wave step stand move kick throw pick spin swing hold lift lean squat crouch kneel bend
    stop start place reach perform punch balance crawl climb dance stretch stumble rotate lower return continue swim
    shuffle march clap bow touch catch
    """
)

IRREGULAR_PAST = {
    "ate": "eat", "became": "become", "began": "begin", "begun": "begin", "bent": "bend", "broke": "break",
    "broken": "break", "brought": "bring", "came": "come", "caught": "catch", "crept": "creep", "did": "do",
    "done": "do", "drank": "drink", "drawn": "draw", "drew": "draw", "driven": "drive", "drove": "drive",
    "dug": "dig", "eaten": "eat", "fallen": "fall", "fell": "fall", "felt": "feel", "flew": "fly", "flown": "fly",
    "fought": "fight", "froze": "freeze", "frozen": "freeze", "gave": "give", "given": "give", "gone": "go",
    "got": "get", "gotten": "get", "held": "hold", "hung": "hang", "kept": "keep", "knelt": "kneel", "laid": "lay",
    "lain": "lie", "leant": "lean", "leapt": "leap", "led": "lead", "lost": "lose", "made": "make", "ran": "run",
    "ridden": "ride", "risen": "rise", "rode": "ride", "rose": "rise", "sank": "sink", "sat": "sit",
    "seated": "sit", "shaken": "shake", "shook": "shake", "shot": "shoot", "slept": "sleep", "slid": "slide",
    "spun": "spin", "sprang": "spring", "sprung": "spring", "stood": "stand", "strode": "stride",
    "struck": "strike", "stuck": "stick", "swam": "swim", "swept": "sweep", "swum": "swim", "swung": "swing",
    "taken": "take", "threw": "throw", "thrown": "throw", "took": "take", "tore": "tear", "trod": "tread",
    "was": "be", "went": "go", "were": "be", "wound": "wind", "wove": "weave", "wrote": "write",
    "written": "write", "knelled": "kneel",
}  # fmt: skip

# Forms that are nouns far more often than verbs: a verb only when an object or a direction follows.
MOSTLY_NOUNS = _words("hands heads faces backs arms shoulders knees elbows toes eyes fingers legs hips")
BODY_PARTS = _words(
    """
    arm arms leg legs hand hands foot feet knee knees elbow elbows head heads shoulder shoulders hip hips finger
    fingers toe toes wrist wrists ankle ankles thigh thighs heel heels palm palms fist fists body torso chest waist
    forearm forearms face back
    """
)

# Subjects. The generic ones become "A person"; the others say something and are kept.
GENERIC_PERSONS = _words(
    """
    person persons people man men woman women human humans someone somebody figure subject guy individual character
    somone persn preson peson
    """
)
DESCRIPTIVE_PERSONS = _words(
    """
    boy girl kid child lady gentleman toddler baby teenager dancer boxer fighter runner athlete gymnast soldier
    zombie robot actor actress player clown monkey gorilla bear dog cat chicken ape ninja pirate drunk skater
    swimmer worker waiter chef doctor ballerina wrestler goalkeeper golfer bodybuilder model performer patient
    pedestrian hiker climber walker elder senior avatar puppet skeleton monster
    """
)
PRONOUNS = _words("he she they it i we you he/she she/he s/he")

ARTICLES = _words("a an the this that these those some any each every another no")
POSSESSIVES = _words("his her their its my your our his/her her/his one's")
NUMBERS = _words(
    """
    one two three four five six seven eight nine ten eleven twelve several multiple many few both half double couple
    """
)
PREPOSITIONS = _words(
    """
    about above across against along among around at behind below beneath beside between beyond by down during for
    from in inside into like near of off on onto out outside over past through throughout to toward towards under
    underneath up upon using via with within without
    """
)
DIRECTIONS = _words(
    """
    forward forwards backward backwards back ahead left right up down upward upwards downward downwards sideways
    sideway around away clockwise counterclockwise counter-clockwise anticlockwise anti-clockwise diagonally
    straight on off over out in together apart upright aside again rightwards leftwards rightward leftward outwards
    inwards outward inward horizontally vertically
    """
)
SIDES = _words("left right other")
ADVERBS = _words(
    """
    very quite slightly almost also still just again now quickly slowly gently fast twice thrice once repeatedly
    both so rather somewhat suddenly kind-of then first finally next immediately soon lastly only even simply
    together alternately alternatively continuously
    """
)
NOT_ADVERBS = _words("fly rely apply family belly imply reply supply jelly butterfly only")
# Said for order alone; their place in the sentence carries it, the segment does not repeat them.
ORDER_WORDS = _words(
    """
    then first firstly finally lastly next secondly thirdly afterwards afterward eventually subsequently second
    third last now also initially
    """
)
COMPARATIVES = _words("more less rather other fewer better further different same")
DURATIONS = _words(
    """
    while moment moments second seconds minute minutes bit pause few time times distance beat steps step paces pace
    meters metres feet turns repetitions reps rounds couple short some
    """
)

BE = _words("is are was were am be being been")
HAVE = _words("has have had")
MODALS = _words("will would can could should must may might shall")
NEGATIONS = _words("doesn't don't didn't isn't aren't wasn't can't cannot couldn't won't does't not never doesnt dont")

LIGHT_VERBS = _words("do perform throw practice practise execute make")
POSTURES = _words("stand sit kneel lie lay crouch squat lean")
STATES = POSTURES | _words("hold have keep rest face wear carry")
# Participles of these say what comes next ("..., returning to the start"), not what goes on meanwhile.
RESULTS = _words("return land finish end come resume")
# "sits down and stands up three times": halves of one movement to and fro.
GOING_DOWN = _words("sit squat crouch kneel bend lower drop duck lie stoop dip put")
GOING_UP = _words("stand rise raise lift straighten jump get come return")

# "a man who was sitting gets up": from sitting, not while sitting.
CHANGES_POSTURE = GOING_UP | frozenset(["sit", "lie", "kneel", "crouch", "fall", "drop", "bend"])

# With nothing after them these share the object of the verb they are joined with: "lifts and lowers the arm".
TRANSITIVE = _words("lift raise lower hold grab take put extend bend pull throw swing shake pick rub catch")

# A clause opened by one of these belongs to the action before it.
ATTACHING = _words(
    """
    while whilst as that which if because until till though although like so where what how whose whom unless since
    wherever during meanwhile simultaneously or whether who why despite
    """
)

# Names of exercises that begin like a verb.
EXERCISES = frozenset(
    (first, second)
    for first, seconds in (
        ("jumping", ("jack", "jacks", "rope")), ("push", ("ups",)), ("sit", ("ups",)), ("pull", ("ups",)),
        ("press", ("ups",)), ("step", ("ups",)), ("star", ("jump", "jumps")), ("side", ("step", "steps")),
    )
    for second in seconds
)  # fmt: skip

# Spellings to write otherwise: slips, and "your" and "my", since segments are told of a person.
RESPELLED = {
    "thean": "then", "thn": "then", "tehn": "then", "beccause": "because", "becuase": "because",
    "foward": "forward", "forwad": "forward", "fowards": "forwards", "forwrad": "forward", "backwords": "backwards",
    "backwars": "backwards", "rigth": "right", "rihgt": "right", "thier": "their", "teh": "the",
    "somthing": "something", "sombody": "somebody", "somone": "someone", "persn": "person", "preson": "person",
    "peson": "person", "againgst": "against", "litlle": "little", "lift's": "lifts", "clockwize": "clockwise",
    "arround": "around", "aroud": "around", "hte": "the", "adn": "and", "anf": "and", "befor": "before",
    "wich": "which", "perfoms": "performs", "stearing": "steering", "engin": "engine", "infront": "in front",
    "strait": "straight", "slowely": "slowly", "quickley": "quickly", "lef": "left", "whit": "with", "wiht": "with",
    "balk": "back", "your": "their", "my": "their", "our": "their", "yourself": "themselves",
    "myself": "themselves", "degress": "degrees", "swiming": "swimming", "u-turn": "U-turn",
}  # fmt: skip
