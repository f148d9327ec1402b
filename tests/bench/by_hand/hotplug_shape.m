-- textbook.hotplug_shape as one would write it for rumur by hand: N threads, P pages of each.

const
  N: 3;
  P: 4;

type
  thread: 0 .. N - 1;

var
  place: array [thread] of 0 .. P + 8;
  s: array [thread] of 0 .. N;
  e: array [thread] of 0 .. N;
  zone_start: 0 .. N;
  zone_end: 0 .. N;
  writer: boolean;
  readers: 0 .. N;

startstate begin
  for me: thread do
    place[me] := 0;
    s[me] := 0;
    e[me] := 0;
  end;
  zone_start := N;
  zone_end := 0;
  writer := false;
  readers := 0;
end;

ruleset me: thread do
  rule "write lock" place[me] = 0 & !writer & readers = 0 ==> begin
    writer := true;
    place[me] := 1;
  end;
  rule "load start" place[me] = 1 ==> begin
    s[me] := zone_start;
    place[me] := 2;
  end;
  rule "load end" place[me] = 2 ==> begin
    e[me] := zone_end;
    place[me] := 3;
  end;
  rule "store start" place[me] = 3 ==> begin
    zone_start := s[me] < me ? s[me] : me;
    place[me] := 4;
  end;
  rule "store end" place[me] = 4 ==> begin
    zone_end := e[me] > me + 1 ? e[me] : me + 1;
    place[me] := 5;
  end;
  rule "write unlock" place[me] = 5 ==> begin
    writer := false;
    place[me] := 6;
  end;
  rule "read lock" place[me] = 6 & !writer ==> begin
    readers := readers + 1;
    place[me] := 7;
  end;
  rule "store a page" place[me] >= 7 & place[me] < P + 7 ==> begin
    place[me] := place[me] + 1;
  end;
  rule "read unlock" place[me] = P + 7 ==> begin
    readers := readers - 1;
    place[me] := P + 8;
  end;
end;
