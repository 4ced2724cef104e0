export const NODE_FLAGS: string[];
export function bundleAgent(outfile: string): Promise<void>;
