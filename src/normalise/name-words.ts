/** What kind of hospital a name claims to be; `hospital` claims nothing precise. */
export type HospitalType =
  | 'chu'
  | 'clcc'
  | 'psy'
  | 'chi'
  | 'ch'
  | 'ght'
  | 'group'
  | 'clinic'
  | 'foundation'
  | 'institute'
  | 'hospital';

/** Spellings of FINESS and of lists, one word to one word. Plurals are abbreviations like others. */
export const ABBREVIATIONS: Readonly<Record<string, string>> = {
  ctre: 'centre',
  ctr: 'centre',
  centres: 'centre',
  hop: 'hopital',
  hosp: 'hopital',
  hopit: 'hopital',
  hopitaux: 'hopital',
  hopitau: 'hopital',
  hospit: 'hospitalier',
  hospitaliers: 'hospitalier',
  hospitaliere: 'hospitalier',
  gpe: 'groupe',
  grpe: 'groupe',
  groupement: 'groupe',
  univ: 'universitaire',
  universitaires: 'universitaire',
  reg: 'regional',
  interc: 'intercommunal',
  intercom: 'intercommunal',
  inst: 'institut',
  clin: 'clinique',
  cl: 'clinique',
  cliniques: 'clinique',
  polycl: 'polyclinique',
  fond: 'fondation',
  ets: 'etablissement',
  etab: 'etablissement',
  st: 'saint',
  ste: 'sainte',
  nd: 'notredame',
};

/**
 * Phrases that say the type, longest first among those that begin alike. The code is what the phrase weighs in an
 * acronym: "Groupe Hospitalier Bretagne Sud" is written GHBS.
 */
export const TYPE_PHRASES: readonly (readonly [phrase: string, type: HospitalType, code: string])[] = [
  ['centre hospitalier regional universitaire', 'chu', 'chru'],
  ['centre hospitalier regional et universitaire', 'chu', 'chru'],
  ['centre hospitalier universitaire', 'chu', 'chu'],
  ['centre hospitalier regional', 'chu', 'chr'],
  ['centre hospitalier intercommunal', 'chi', 'chi'],
  ['centre hospitalier specialise', 'psy', 'chs'],
  ['centre hospitalier prive', 'clinic', 'chp'],
  ['centre hospitalier departemental', 'ch', 'chd'],
  ['centre hospitalier', 'ch', 'ch'],
  ['centre regional de lutte contre le cancer', 'clcc', 'crlcc'],
  ['centre de lutte contre le cancer', 'clcc', 'clcc'],
  ['centre psychotherapique', 'psy', 'cp'],
  ['etablissement public de sante mentale', 'psy', 'epsm'],
  ['groupe hospitalier universitaire', 'chu', 'ghu'],
  ['groupe hospitalier regional', 'group', 'ghr'],
  ['groupe hospitalier de territoire', 'ght', 'ght'],
  ['groupe hospitalier territoire', 'ght', 'ght'],
  ['groupe hospitalier', 'group', 'gh'],
  ['hopital universitaire', 'chu', 'hu'],
  ['hopital intercommunal', 'chi', 'hi'],
  ['hopital local', 'ch', 'hl'],
  ['hopital prive', 'clinic', 'hp'],
  ['hopital d instruction des armees', 'hospital', 'hia'],
  ['hopital instruction des armees', 'hospital', 'hia'],
  ['hopital psychiatrique', 'psy', 'hp'],
  ['hopital psy', 'psy', 'hp'],
  ['hopital civil', 'hospital', 'hc'],
  ['hospices civils', 'group', 'hc'],
  ['nouvel hopital', 'hospital', 'nh'],
  ['chu', 'chu', 'chu'],
  ['chru', 'chu', 'chru'],
  ['chr', 'chu', 'chr'],
  ['hu', 'chu', 'hu'],
  ['ghu', 'chu', 'ghu'],
  ['chi', 'chi', 'chi'],
  ['chic', 'chi', 'chic'],
  ['chs', 'psy', 'chs'],
  ['epsm', 'psy', 'epsm'],
  ['clcc', 'clcc', 'clcc'],
  ['crlcc', 'clcc', 'crlcc'],
  ['ch', 'ch', 'ch'],
  ['chg', 'ch', 'chg'],
  ['hl', 'ch', 'hl'],
  ['gh', 'group', 'gh'],
  ['ghr', 'group', 'ghr'],
  ['ght', 'ght', 'ght'],
  ['hp', 'clinic', 'hp'],
  ['hia', 'hospital', 'hia'],
  ['chp', 'clinic', 'chp'],
  ['chd', 'ch', 'chd'],
  ['clinique', 'clinic', 'c'],
  ['polyclinique', 'clinic', 'p'],
  ['fondation', 'foundation', 'f'],
  ['institut', 'institute', 'i'],
  ['hopital', 'hospital', 'h'],
  ['centre', 'hospital', 'c'],
  ['etablissement', 'hospital', 'e'],
  ['pole de sante', 'hospital', 'ps'],
  ['pole sante', 'hospital', 'ps'],
  ['pole public', 'hospital', 'pp'],
];

/** Names whose parts mean nothing apart, joined into one word. */
export const JOINED: readonly (readonly [phrase: string, word: string])[] = [
  ['assistance publique hopital de paris', 'aphp'],
  ['assistance publique des hopital de paris', 'aphp'],
  ['assistance publique hopital de marseille', 'aphm'],
  ['ap hp', 'aphp'],
  ['ap hm', 'aphm'],
  ['notre dame', 'notredame'],
  ['hotel dieu', 'hoteldieu'],
  ['bon sauveur', 'bonsauveur'],
];

export const PARTICLES: ReadonlySet<string> = new Set(
  'a au aux d de des du en et l la le les lez sous sur par pour the of'.split(' '),
);

/** Legal forms that FINESS writes beside a name ("SAS CLINIQUE DE …"): they are no part of it. */
export const LEGAL_FORMS: ReadonlySet<string> = new Set('sa sas sasu sarl eurl gie ass assoc'.split(' '));

/** Words that say what is done there and so complete the kind: they tell no site from its sisters. */
export const KIND_WORDS: ReadonlySet<string> = new Set(
  `medical medicale medicaux medico chirurgical chirurgicale chirurgicaux chirurg chir obstetrical obstetricale
  specialise specialisee polyvalent polyvalente prive privee mutualiste`.split(/\s+/),
);

/** Words that are never a whole name: "CLINIQUE SAINT", cut by a column, begins a hundred names. */
export const OPENINGS: ReadonlySet<string> = new Set(
  'saint sainte docteur professeur dr pr notre'.split(' '),
);

/** Regions and such, added to a brand by fashion ("Caen Normandie"): they confirm, their absence proves nothing. */
export const ORNAMENTS: ReadonlySet<string> = new Set(
  `alpes alsace aquitaine auvergne bourgogne bretagne centre champagne comte corse franche ile france languedoc
  limousin loire lorraine metropole midi normandie occitanie picardie provence rhone universite general public
  cite regional universitaire hospitalier intercommunal site region`.split(/\s+/),
);

/**
 * Words that say that a name is a part of a hospital, not the hospital: outposts, units, equipment, schools.
 * A phrase is several words. A main site never carries one.
 */
export const UNIT_WORDS: readonly string[] =
  `accueil adolescent adolescents ados alcoologie ambulatoire annexe antenne
  autodial autodialyse appart appartement appartements appt atelier autisme cafs camsp casp cattp cdag cegidd cegid ciddist cirdd cic cmp
  cmpea cmpp consult consultation consultations convalescence creche csapa csst ctj cpef cpp dentaire dentaires
  depistage dialyse ecole ehpad eml emp equipe erfps esat ferme formation foyer gcs had hdj hj ifas ifp ifsi
  hemodialyse imagerie irm jardin labo laboratoire lactarium lbm liaison logistique mas mobile moyen nuit odontologie
  pasp pedopsy pedopsychiatrie pedo penitentiaire pfrs pharmacie piasp planif planification planning plateforme
  pmi pole postcure pouponniere prison psy psychiatrie psychiatrique psychiatriques psypole radiotherapie
  readaptation residence saft samu scanner scm sdis sessad siege smpr smur soins ssiad ssr sterilisation tep
  therapeutique udm uad ucsa uhcd uhsa unite unites usld usmp usn usp`.split(/\s+/);

export const UNIT_PHRASES: readonly string[] = [
  'hopital de jour',
  'hopital jour',
  'centre de jour',
  'maison de jour',
  'maison medicale',
  'centre de crise',
  'longue duree',
  'post cure',
  'sante mentale adulte',
  'sante mentale adultes',
  'a domicile',
  'long sejour',
  'plate forme',
  'pole de sante mentale',
  'pole sante mentale',
  'medico psychologique',
  'medico psychologiques',
];
