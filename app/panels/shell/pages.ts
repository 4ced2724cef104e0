import type { ComponentType } from "react";
import { type IconProps, OverviewIcon } from "../../ui/icons.tsx";

/** The pages the nav leads to. A page is listed once it exists: no link here is ever dead. */
export const PAGES: { path: string; word: string; Icon: ComponentType<IconProps> }[] = [
	{ path: "overview", word: "Overview", Icon: OverviewIcon },
];
