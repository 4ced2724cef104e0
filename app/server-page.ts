import { createContext, useContext } from "react";

/** What only the server knows while it renders. In a browser both are undefined, and the markup keeps what it has. */
export type ServerPage = { nonce?: string | undefined };

/** Set by entry.server around the whole document. The nonce stays out of loader data, which scripts can read. */
export const ServerPageContext = createContext<ServerPage>({});

/** The nonce of this response while it is rendered on the server. */
export function useNonce(): string | undefined {
	return useContext(ServerPageContext).nonce;
}
