/** The version in package.json, which a test compares with this one: the command is one file and reads nothing else. */
export const VERSION = '0.1.0';
