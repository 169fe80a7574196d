/** "CLAW": tells another program's SQLite file from an empty one of ours. */
export const APPLICATION_ID = 0x434c4157;
