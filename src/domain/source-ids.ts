/** Every reader of a public list, one folder of src/sources each; the registry refuses to compile when one is missing. */
export const SOURCE_IDS = ['labelled-centres', 'finess-etalab', 'filieres', 'bamara-deployment'] as const;
