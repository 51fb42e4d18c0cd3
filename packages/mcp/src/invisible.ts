/**
 * Characters that people do not see and models read, such as the tags of Unicode (U+E0000 to U+E007F), in which whole sentences can be
 * hidden, and those that turn the direction of text.
 */
export const invisible = /\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}/gu;
