import { placeOf } from "../../format/time.ts";
import { useZone } from "../../ui/clock.tsx";
import { ChevronDownIcon, ZoneIcon } from "../../ui/icons.tsx";
import { OPENER } from "./fields.ts";
import { Popover } from "./Popover.tsx";
import { PanelForm } from "./panel-form.tsx";

/** Which zone times are written in, and the way to another. */
export function ZoneMenu() {
	const zone = useZone();
	return (
		<Popover
			opens="zone"
			className="hidden sm:block"
			tip={`Time zone: ${zone}\nZ`}
			name={`Time zone: ${zone}`}
			openerClass={OPENER}
			panelClass="absolute top-full right-0 z-40 mt-1 w-80 rounded-card border"
			opener={
				<>
					<ZoneIcon className="size-4 lg:hidden" />
					<span className="hidden max-w-28 truncate lg:inline">{placeOf(zone)}</span>
					<ChevronDownIcon className="hidden size-3.5 lg:block" />
				</>
			}
		>
			{(close) => <PanelForm kind="zone" close={close} />}
		</Popover>
	);
}
