import type { CommanderError } from 'commander';
import { Command, Help, type Option } from 'commander';
import { DataError } from '../domain/errors.js';

const TITLES: Readonly<Record<string, string>> = {
  'Usage:': 'Usage :',
  'Options:': 'Options :',
  'Commands:': 'Commandes :',
  'Arguments:': 'Arguments :',
  'Global Options:': 'Options générales :',
};

/** Commander speaks English; its words are turned into French here, once, for every command. */
export function frenchProgram(name: string, version: string): Command {
  const plain = new Help();
  const program = new Command(name)
    .version(version, '-V, --version', 'afficher la version')
    .helpOption('-h, --help', 'afficher cette aide')
    .helpCommand('help [commande]', 'afficher l’aide d’une commande')
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .configureHelp({
      styleTitle: (title) => TITLES[title] ?? title,
      optionDescription: (option: Option) =>
        plain
          .optionDescription(option)
          .replace('(default: ', '(défaut : ')
          .replace('(choices: ', '(choix : ')
          .replace(', default: ', ', défaut : '),
      commandUsage: (command) =>
        plain.commandUsage(command).replace('[options]', '[options]').replace('[command]', '[commande]'),
    });
  return program;
}

/**
 * A mistake on the command line as one of our errors: what is wrong and what to type.
 * @returns null when commander only ended after printing help or version
 */
export function commandLineError(error: CommanderError): DataError | null {
  if (error.exitCode === 0 || error.code === 'commander.help') return null;
  const quoted = [...error.message.matchAll(/'([^']*)'/g)].map((found) => found[1] ?? '');
  const [first = ''] = quoted;
  const near = /\(Did you mean (?:one of )?([^?)]+)\?\)/.exec(error.message)?.[1];
  const hint = near === undefined ? '' : `vouliez-vous dire ${near} ? Sinon, `;
  const messages: Readonly<Record<string, string>> = {
    'commander.unknownCommand': `La commande « ${first} » n’existe pas.`,
    'commander.unknownOption': `L’option « ${first} » n’existe pas.`,
    'commander.missingArgument': `L’argument « ${first} » manque.`,
    'commander.optionMissingArgument': `L’option « ${first} » attend une valeur.`,
    'commander.missingMandatoryOptionValue': `L’option « ${first} » est obligatoire.`,
    'commander.excessArguments': 'Il y a trop d’arguments.',
    'commander.invalidArgument': invalidValueText(error.message),
  };
  return new DataError({
    code: 'COMMAND_LINE',
    message: messages[error.code] ?? error.message.replace(/^error: /, ''),
    remedy: `${hint}voyez « filror --help », ou la commande suivie de --help.`,
    cause: error,
  });
}

/** As commander words it (lib/command.js); what a command throws itself while it works is its own sentence alone. */
const INVALID =
  /^error: (?:option '(.*?)' argument|command-argument value) '(.*?)' is invalid(?: for argument '.*?')?\. /s;

function invalidValueText(message: string): string {
  const [whole = '', option, value] = INVALID.exec(message) ?? [];
  const why = message.slice(whole.length).replace(/^error: /, '');
  if (value === undefined) return `Une valeur ne convient pas : ${why}`;
  return `La valeur « ${value.slice(0, 200)} »${option === undefined ? '' : ` de l’option ${option}`} ne convient pas : ${why}`;
}
