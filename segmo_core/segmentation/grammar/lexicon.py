"""The words the rules segmenter knows. Data only; how verbs are inflected is in verbs."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Verbs of motion captions, in base form. An unknown word can still be a verb by its position (verbs).
VERBS = _words(
    """
    accelerate acknowledge act adjust advance agree aim allow amble answer apologise apologize appear applaud
    approach arc arch ascend ask assemble assist attach attack attempt avert avoid await awaken back bail balance
    bandage bang bash bat be beat beckon become beg begin bend bid blend blink block blow bob boil bolt boogie
    bother bounce bound bow bowl box brace brake brandish break breakdance breathe brew bring browse bruise brush
    buckle buff build bump bunny-hop bunt bury button call canter caress carry cartwheel cast catapult catch caution
    celebrate center centre chain change charge chase chat check cheer chew chisel chop circle claim clamber clang
    clap clasp claw clean clear clench click climb clip close clutch clutter coast coil collapse collect collide
    comb come command communicate compose concentrate conduct confuse connect consider contemplate continue contract
    convey cook copy correct cough counter cover crack cram crank crash crawl crease creep cross crouch crouch-walk
    crumple crush cry cuddle curl curtsy curve cut cycle dab dampen dance dangle dart dash dawdle daydream deadlift
    deal decelerate defend deflect deliver demonstrate depart deposit descend detach determine devour dial dig dip
    direct disagree disappear discard discover dismantle dismount display distribute dive do dodge doze drag drain
    drape draw dribble drift drill drink drip drive drop drum duck dunk duplicate dust earn ease eat echo elbow
    elevate embrace emerge employ empty emulate encounter encourage end engage enjoy enter envelop erase escape
    establish evade exaggerate examine exchange excite exclaim execute exercise exhale exit expand experience
    explain explore extend extinguish face fail fake fall fan fasten feed feel feint fetch fiddle fidget fight fill
    filter find finish fit fix flail flap flash flatten flee flex flick flinch fling flip flirt float flop flow
    flush flutter fly focus fold follow force forget freestyle freeze frown fry fumble fuss gain gallop gasp gather
    gaze generate gesture get giggle give glance glare glide glue gnaw go grab grapple grasp graze greet grimace
    grin grind grip groom groove grope grow growl grumble guard guess guide gulp hail halt hammer hand-jive handle
    hang harvest haul have head headbang hear heave help hesitate hiccup hide hike hint hire hit hitch hobble hoist
    hold honk hook hop hover howl huddle hug hum hunch hunt hurdle hurry hush identify ignore imitate inch include
    increase indicate inhale injure inspect instruct interact interrupt introduce invite itch jab jam jerk jiggle
    jingle jive jog join jolt jostle judge juggle jump jut keel keep kick kiss knead kneel knit knock know krump
    land lash lassoo latch laugh launch lay lead lean leap learn leave lengthen let lick lie lift light limp listen
    load lob locate lock lodge loll look loop loosen lope lose lounge love lower lug lumber lunge lurch maintain
    make manage maneuver manipulate manoeuvre march mash massage meander measure meditate meet melt mend merge milk
    mime mimic mirror miss mix moan mock moonwalk mop motion mount mourn move mow mumble munch narrow neglect nod
    notice nudge observe obtain occupy offer ooze open operate oppose orbit outrun outstretch overcome overtake pace
    pack paddle paint panic pant pantomime parry pass paste pat patrol pause pay pedal peek peel peer perch perform
    pet pick pick-up pinch pirouette pitch pivot place plait plant play please plod pluck plunge ply point poke
    polish pop pose possess pounce pound pour practice practise pray preach preen preform prepare preserve press
    pretend prevent prick primp proceed proclaim prod produce promenade prop propel propose protect protest prove
    prowl prune puff pull pump punch pursue push push-up put putt quit quiver race raise ram ramble rap rattle reach
    read realise realize rear rebound recall receive recline recoil record recover redirect reel reenact refuse
    regain regard reiterate rejoin relax release relish relocate remain remind remove render repair repeat replace
    reposition rescue reset resist respond rest restart restore resume retrace retract retreat retrieve return
    reveal reverse revert revolve ride rip rise risk roam roar rock roll rotate rouse rove row rub rumble rummage
    run rush salute sand sashay saunter scamper scan scare scatter scold scoop scour scowl scrabble scramble scrape
    scratch scream screw scroll scrub scuff scurry seal search secure see seek seem seize select sell send separate
    serve set settle sew shadowbox shake sharpen shave shelter shield shift shimmy shine shiver shoot shorten shout
    shove shovel show shriek shrink shrug shudder shuffle shun shut side-step sidestep sigh sign signal silence
    simulate sing sink sip sit sit-up skate skateboard ski skid skip slalom slam slant slap slash slaughter sled
    sleep slice slide slink slip slouch slow slump smack smash smell smile smoke snap snatch sneak sneeze snicker
    sniff snooze snore snowboard snuggle soak soar sob solve somersault sort sow spank spar speak speed spell spill
    spin spit splash spook sprawl spray spread spring sprinkle sprint squabble squat squeak squeeze squint squirm
    squish stab stack stagger stalk stamp stand stare start startle stay steady steal steer step step-touch stick
    stiffen stir stitch stomp stoop stop straddle straighten strain stray stretch stride strike stroke stroll
    struggle strum strut stub stuff stumble stun stutter-step submit suck suffer suggest support surf surrender
    survey suspend swagger swallow swap swat sway sweep swerve swim swing swipe swish switch swivel swoon swoop
    tackle take talk tango tap tap-dance taper taste tease teeter tell tempt tend tense text thank think thrash
    threaten throttle throw thrust thump tickle tidy tie tighten tilt tip-toe tiptoe toddle toll topple toss touch
    tow trace traipse transfer transition travel traverse tread treat tremble trim trip triumph trot trudge trust
    try tuck tug tumble turn tweak twerk twiddle twinkle twirl twist twitch type umpire uncross undo undress
    unfasten unfold unlock unpack unravel unroll unscrew untangle untie unwind unwrap unzip uphold uppercut upset
    urge use vacuum vault veer vibrate view vogue waddle wade wag wait wake walk wallow waltz wander want warm warn
    wash watch wave waver wear weave weep welcome whack whip whirl whisk whisper whistle widen wield wiggle wilt
    wind wink wipe wish witness wobble work worry worship wrap wrench wrestle wriggle wring write yank yawn yell
    yield zigzag zip zombie-walk zoom
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
    pedestrian hiker climber walker elder senior citizen avatar puppet skeleton monster
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
    meters metres feet turns repetitions reps rounds couple
    """
)

BE = _words("is are was were am be being been")
HAVE = _words("has have had having")
# Base forms that are participles too: "having run", "has come".
SAME_PARTICIPLES = _words("run come become put cut hit set let shut spread burst")
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
CHANGES_POSTURE = _words("stand rise get sit lie kneel crouch squat fall drop bend")

# "is walking and waving": of one verb from each, the two go on together.
WAYS_OF_GOING = _words("walk run jog march skip dance pace crawl stroll sneak hop step move")
DONE_MEANWHILE = _words("wave swing shake clap look talk hold punch flap pump stretch nod drink eat point sing")

# "turns right after bowing": to the right, not at once.
TAKES_DIRECTION = _words("turn look step move lean face veer walk hop go slide shuffle point rotate run jump stand sit")

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
        ("jumping", ("jack", "jacks")), ("push", ("ups",)), ("sit", ("ups",)), ("pull", ("ups",)),
        ("press", ("ups",)), ("step", ("ups",)), ("star", ("jump", "jumps")), ("side", ("step", "steps")),
    )
    for second in seconds
)  # fmt: skip

EXERCISE_NOUNS = _words("push-ups pushups sit-ups situps pull-ups pullups press-ups chin-ups step-ups star-jumps")

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
