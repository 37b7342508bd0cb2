import { createContext } from 'react';

/** Zone of the place that is spoken of ("Asia/Irkutsk"): exact times name it, too. null: none, or not known. */
export const PlaceZone = createContext<string | null>(null);
