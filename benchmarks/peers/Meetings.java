import ai.timefold.solver.core.api.domain.entity.PlanningEntity;
import ai.timefold.solver.core.api.domain.lookup.PlanningId;
import ai.timefold.solver.core.api.domain.solution.PlanningEntityCollectionProperty;
import ai.timefold.solver.core.api.domain.solution.PlanningScore;
import ai.timefold.solver.core.api.domain.solution.PlanningSolution;
import ai.timefold.solver.core.api.domain.solution.ProblemFactCollectionProperty;
import ai.timefold.solver.core.api.domain.valuerange.ValueRangeProvider;
import ai.timefold.solver.core.api.domain.variable.PlanningVariable;
import ai.timefold.solver.core.api.score.buildin.hardmediumsoft.HardMediumSoftScore;
import ai.timefold.solver.core.api.score.stream.Constraint;
import ai.timefold.solver.core.api.score.stream.ConstraintFactory;
import ai.timefold.solver.core.api.score.stream.ConstraintProvider;
import ai.timefold.solver.core.api.score.stream.Joiners;
import ai.timefold.solver.core.api.score.stream.bi.BiConstraintStream;
import ai.timefold.solver.core.api.score.stream.quad.QuadConstraintStream;
import ai.timefold.solver.core.api.solver.SolverFactory;
import ai.timefold.solver.core.config.solver.SolverConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Scanner;

/**
 * The meeting-scheduling problem for Timefold and, with its packages renamed, for OptaPlanner.
 *
 * <p>Two ways to state who attends: a fact for each person and meeting, joined anew for each pair of meetings (PerPerson),
 * and numbers of common people for each pair, counted once (PerPair). All other constraints are the same.
 *
 * <p>Arguments: the instance as numbers (see meetings.py), seconds, PerPerson or PerPair. Prints a line for each meeting:
 * its number, start and room, each "-" where unassigned.
 */
public final class Meetings {
    private Meetings() {}

    public record Room(int id, int seats, int below) {}

    public static class Attendance {
        @PlanningId public String id;
        int person;
        int meeting;
        boolean required;

        Attendance(int person, int meeting, boolean required) {
            this.id = meeting + "-" + person;
            this.person = person;
            this.meeting = meeting;
            this.required = required;
        }

        int person() {
            return person;
        }

        int meeting() {
            return meeting;
        }

        boolean required() {
            return required;
        }
    }

    @PlanningEntity
    public static class Meeting {
        @PlanningId public int id;
        public int duration;
        public int attendees;
        public int[] days;
        public int[] bothRequired;
        public int[] otherConflicts;
        public int[] shared;
        @PlanningVariable(valueRangeProviderRefs = "starts") public Integer start;
        @PlanningVariable(valueRangeProviderRefs = "rooms") public Room room;

        public int id() {
            return id;
        }

        public int start() {
            return start;
        }

        public int end() {
            return start + duration;
        }

        public int lastHurried() {
            return start + duration + 2;
        }

        public Room room() {
            return room;
        }

        int overlap(Meeting other) {
            return Math.max(0, Math.min(end(), other.end()) - Math.max(start, other.start));
        }
    }

    @PlanningSolution
    public static class Schedule {
        @PlanningEntityCollectionProperty public List<Meeting> meetings;
        @ProblemFactCollectionProperty public List<Attendance> attendances;
        @ValueRangeProvider(id = "starts") public List<Integer> starts;
        @ValueRangeProvider(id = "rooms") public List<Room> rooms;
        @PlanningScore public HardMediumSoftScore score;
    }

    /** What does not depend on how attendance is stated. */
    static List<Constraint> common(ConstraintFactory factory) {
        List<Constraint> found = new ArrayList<>();
        found.add(factory.forEachUniquePair(Meeting.class, Joiners.equal(Meeting::room),
                        Joiners.overlapping(Meeting::start, Meeting::end))
                .penalize(HardMediumSoftScore.ONE_HARD, Meeting::overlap).asConstraint("room"));
        found.add(factory.forEach(Meeting.class).filter(m -> m.end() > m.days.length)
                .penalize(HardMediumSoftScore.ONE_HARD, m -> m.end() - 1).asConstraint("overtime"));
        found.add(factory.forEach(Meeting.class)
                .filter(m -> m.end() <= m.days.length && m.days[m.start] != m.days[m.end() - 1])
                .penalize(HardMediumSoftScore.ONE_HARD).asConstraint("day"));
        found.add(factory.forEach(Meeting.class).filter(m -> m.attendees > m.room.seats())
                .penalize(HardMediumSoftScore.ONE_HARD, m -> m.attendees - m.room.seats()).asConstraint("seats"));
        found.add(factory.forEach(Meeting.class)
                .penalize(HardMediumSoftScore.ONE_SOFT, m -> m.end() - 1).asConstraint("early"));
        found.add(factory.forEach(Meeting.class).join(Meeting.class, Joiners.equal(Meeting::end, Meeting::start))
                .penalize(HardMediumSoftScore.ofSoft(100)).asConstraint("touching"));
        found.add(factory.forEachUniquePair(Meeting.class, Joiners.overlapping(Meeting::start, Meeting::end))
                .penalize(HardMediumSoftScore.ofSoft(10), Meeting::overlap).asConstraint("overlap"));
        found.add(factory.forEach(Meeting.class)
                .penalize(HardMediumSoftScore.ONE_SOFT, m -> m.room.below()).asConstraint("larger"));
        return found;
    }

    /** Attendance as facts, joined when it is asked. */
    public static class PerPerson implements ConstraintProvider {
        @Override
        public Constraint[] defineConstraints(ConstraintFactory factory) {
            List<Constraint> found = common(factory);
            found.add(meeting(pairs(factory, true, true))
                    .penalize(HardMediumSoftScore.ONE_HARD, (a, b, m, n) -> m.overlap(n)).asConstraint("required"));
            found.add(meeting(pairs(factory, false, false))
                    .penalize(HardMediumSoftScore.ONE_MEDIUM, (a, b, m, n) -> m.overlap(n)).asConstraint("preferred"));
            found.add(meeting(factory.forEach(Attendance.class).filter(Attendance::required)
                            .join(factory.forEach(Attendance.class).filter(a -> !a.required()),
                                    Joiners.equal(Attendance::person)))
                    .penalize(HardMediumSoftScore.ONE_MEDIUM, (a, b, m, n) -> m.overlap(n)).asConstraint("mixed"));
            found.add(factory.forEach(Attendance.class)
                    .join(Attendance.class, Joiners.equal(Attendance::person),
                            Joiners.filtering((a, b) -> a.meeting() != b.meeting()))
                    .join(Meeting.class, Joiners.equal((a, b) -> a.meeting(), Meeting::id))
                    .join(Meeting.class, Joiners.equal((a, b, m) -> b.meeting(), Meeting::id),
                            Joiners.lessThan((a, b, m) -> m.start(), Meeting::start),
                            Joiners.greaterThanOrEqual((a, b, m) -> m.lastHurried(), Meeting::start),
                            Joiners.filtering((a, b, m, n) -> m.room != n.room))
                    .penalize(HardMediumSoftScore.ONE_SOFT).asConstraint("stability"));
            return found.toArray(Constraint[]::new);
        }

        private static BiConstraintStream<Attendance, Attendance> pairs(
                ConstraintFactory factory, boolean one, boolean other) {
            return factory.forEachUniquePair(Attendance.class, Joiners.equal(Attendance::person))
                    .filter((a, b) -> a.required() == one && b.required() == other);
        }

        private static QuadConstraintStream<Attendance, Attendance, Meeting, Meeting> meeting(
                BiConstraintStream<Attendance, Attendance> pairs) {
            return pairs.join(Meeting.class, Joiners.equal((a, b) -> a.meeting(), Meeting::id))
                    .join(Meeting.class, Joiners.equal((a, b, m) -> b.meeting(), Meeting::id),
                            Joiners.overlapping((a, b, m) -> m.start(), (a, b, m) -> m.end(),
                                    Meeting::start, Meeting::end));
        }
    }

    /** Attendance as numbers for each pair of meetings. */
    public static class PerPair implements ConstraintProvider {
        @Override
        public Constraint[] defineConstraints(ConstraintFactory factory) {
            List<Constraint> found = common(factory);
            found.add(overlapping(factory).filter((m, n) -> m.bothRequired[n.id] > 0)
                    .penalize(HardMediumSoftScore.ONE_HARD, (m, n) -> m.bothRequired[n.id] * m.overlap(n))
                    .asConstraint("required"));
            found.add(overlapping(factory).filter((m, n) -> m.otherConflicts[n.id] > 0)
                    .penalize(HardMediumSoftScore.ONE_MEDIUM, (m, n) -> m.otherConflicts[n.id] * m.overlap(n))
                    .asConstraint("preferred"));
            found.add(factory.forEach(Meeting.class)
                    .join(Meeting.class, Joiners.lessThan(Meeting::start),
                            Joiners.greaterThanOrEqual(Meeting::lastHurried, Meeting::start),
                            Joiners.filtering((m, n) -> m.room != n.room && m.shared[n.id] > 0))
                    .penalize(HardMediumSoftScore.ONE_SOFT, (m, n) -> m.shared[n.id]).asConstraint("stability"));
            return found.toArray(Constraint[]::new);
        }

        private static BiConstraintStream<Meeting, Meeting> overlapping(ConstraintFactory factory) {
            return factory.forEachUniquePair(Meeting.class, Joiners.overlapping(Meeting::start, Meeting::end));
        }
    }

    public static void main(String[] args) throws IOException {
        Schedule schedule = read(Path.of(args[0]));
        SolverConfig config = new SolverConfig()
                .withSolutionClass(Schedule.class)
                .withEntityClasses(Meeting.class)
                .withConstraintProviderClass(args[2].equals("PerPair") ? PerPair.class : PerPerson.class)
                .withTerminationSpentLimit(Duration.ofMillis(Math.round(1000 * Double.parseDouble(args[1]))));
        Schedule solved = SolverFactory.<Schedule>create(config).buildSolver().solve(schedule);
        for (Meeting meeting : solved.meetings) {
            System.out.println("assigned " + meeting.id + " " + (meeting.start == null ? "-" : meeting.start)
                    + " " + (meeting.room == null ? "-" : meeting.room.id()));
        }
    }

    private static Schedule read(Path file) throws IOException {
        Schedule schedule = new Schedule();
        try (Scanner in = new Scanner(Files.readString(file))) {
            int[] days = new int[in.nextInt()];
            schedule.starts = new ArrayList<>();
            for (int grain = 0; grain < days.length; grain++) {
                days[grain] = in.nextInt();
                schedule.starts.add(grain);
            }
            int rooms = in.nextInt();
            schedule.rooms = new ArrayList<>();
            for (int room = 0; room < rooms; room++) {
                schedule.rooms.add(new Room(in.nextInt(), in.nextInt(), in.nextInt()));
            }
            int count = in.nextInt();
            schedule.meetings = new ArrayList<>();
            schedule.attendances = new ArrayList<>();
            BitSet[] required = new BitSet[count];
            BitSet[] preferred = new BitSet[count];
            for (int id = 0; id < count; id++) {
                Meeting meeting = new Meeting();
                meeting.id = id;
                meeting.days = days;
                meeting.duration = in.nextInt();
                required[id] = people(in, schedule, id, true);
                preferred[id] = people(in, schedule, id, false);
                meeting.attendees = required[id].cardinality() + preferred[id].cardinality();
                schedule.meetings.add(meeting);
            }
            for (Meeting meeting : schedule.meetings) {
                meeting.bothRequired = new int[count];
                meeting.otherConflicts = new int[count];
                meeting.shared = new int[count];
                for (int other = 0; other < count; other++) {
                    int id = meeting.id;
                    meeting.bothRequired[other] = common(required[id], required[other]);
                    meeting.shared[other] = meeting.bothRequired[other] + common(required[id], preferred[other])
                            + common(preferred[id], required[other]) + common(preferred[id], preferred[other]);
                    meeting.otherConflicts[other] = meeting.shared[other] - meeting.bothRequired[other];
                }
            }
        }
        schedule.meetings.sort(Comparator.comparingInt(meeting -> meeting.id));
        return schedule;
    }

    private static BitSet people(Scanner in, Schedule schedule, int meeting, boolean required) {
        BitSet people = new BitSet();
        int count = in.nextInt();
        for (int index = 0; index < count; index++) {
            int person = in.nextInt();
            people.set(person);
            schedule.attendances.add(new Attendance(person, meeting, required));
        }
        return people;
    }

    private static int common(BitSet one, BitSet other) {
        BitSet both = (BitSet) one.clone();
        both.and(other);
        return both.cardinality();
    }
}
