import cProfile, pstats, time
from typing import Any
import importlib.util, sys
spec = importlib.util.spec_from_file_location("mm", "/work/main/tests/campaigns/faults/test_matrix.py")
mm = importlib.util.module_from_spec(spec); sys.modules["mm"]=mm; spec.loader.exec_module(mm)
def test_prof(desk: Any, apart: Any) -> None:
    flow = mm.BY_NAME["book"]
    work = flow.ready(desk, mm.ROOMS["direct"])
    desk.emulator.journal.clear()
    fault = mm.Fault(operation="createEvent", mailbox=mm.OPEN_ROOM, status=503)
    t=time.process_time(); w=time.time()
    for _ in range(10):
        apart(lambda d: 1)
    print("empty fork", (time.time()-w)/10)
    def timed(d):
        t=time.process_time()
        p=cProfile.Profile(); p.enable()
        mm.Cell(d, flow, fault).run(work)
        p.disable(); pstats.Stats(p).sort_stats("cumtime").print_stats(45)
        return time.process_time()-t
    def plain(d):
        t=time.process_time()
        mm.Cell(d, flow, fault).run(work)
        return time.process_time()-t
    print("plain", apart(plain), apart(plain))
    apart(timed)
