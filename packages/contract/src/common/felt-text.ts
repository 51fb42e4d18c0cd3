import { z } from "zod";

/**
 * A field element of Starknet as text: hexadecimal with 0x, as most wallets write it, or decimal, as others do and as
 * programs print big integers. Comes out in hexadecimal; 77 decimal digits fit into 64 of them. Whether it is below the
 * field's prime is for whoever reads it.
 */
export function feltText() {
  return z
    .string()
    .regex(
      /^(0x[0-9a-fA-F]{1,64}|0|[1-9][0-9]{0,76})$/,
      "use 0x and up to 64 hexadecimal digits, or decimal digits",
    )
    .overwrite(toHexadecimal);
}

function toHexadecimal(text: string): string {
  return /^[0-9]{1,77}$/.test(text) ? `0x${BigInt(text).toString(16)}` : text;
}
