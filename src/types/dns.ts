/** A question to a name server, with its answer where one was seen. Names are raw in spelling, lower case, without trailing dot. */
export interface DnsQuestion {
  /** Unix ms. */
  at: number;
  name: string;
  /** `A`, `AAAA`, `TXT`, `NULL`, `CNAME`, `MX`, `HTTPS` …, else the number. */
  type: string;
  /** `NOERROR`, `NXDOMAIN` …; absent: no answer was seen. */
  rcode?: string;
  /** Name server that was asked. */
  server?: string;
  /** Process that asked; absent where a stub resolver hides it. */
  pid?: number;
  netns?: string;
  /** As in `Contact`, where the asker is of a family; the ledger adds it. */
  subject?: string;
}
